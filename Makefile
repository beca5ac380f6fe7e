# assay: SPF, DKIM and DMARC as small tools for Postfix
#
#   make                 the tools, as TOOL/TOOL, with the shared libraries of the system
#   make STATIC=1        the same without any shared library
#   make demo            a signed message through the chain, offline
#   make check           our own tests
#   make check-all       the same, and those against the programs that we compare ourselves with
#   make check-sanitized all tests under ASan and UBSan
#   make check TESTS=... some of them, such as tests/t/demo.t
#   make check-valgrind  those of tests/t and tests/unit under valgrind; takes long
#   make lint            compilers and checkers about the code; none may complain
#   make bench           figures of memory and time
#   make e2e             faults under load in a real Postfix
#   make fuzz SECONDS=n  each parser with inputs of libFuzzer's choice
#   make install         below PREFIX, by default /usr/local; DESTDIR= for packages; uninstall
#   make dist            a tarball of what is committed
#   make release         the same, and a tag, if lib/NEWS tells about this version
#   make deb             a Debian package; make static-tar: programs for any Linux
#   make clean
#
# All of these but install, dist, release and clean install the Debian packages they miss, see .ci/packages.

CC      = cc
CFLAGS  = -O2 -g
WARN    = -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
	  -Wmissing-prototypes -Wconversion -Wno-missing-field-initializers
HARDEN  = -fstack-protector-strong -fPIE -D_FORTIFY_SOURCE=2
CPPFLAGS = -D_GNU_SOURCE -Ilib
LDFLAGS = -pie -Wl,--as-needed -Wl,-z,relro -Wl,-z,now

ifdef STATIC
# In place of what would load shared libraries all the same, lib/base/static_stubs.c.
LDFLAGS = -static -Wl,-z,relro -Wl,-u,__wrap_dlopen \
	  -Wl,--wrap=dlopen,--wrap=getaddrinfo,--wrap=freeaddrinfo,--wrap=gethostbyname
endif

TOOLS = spfcheck dkimsign dkimverify dmarceval dmarcreport

# The libraries of a tool, and those of DNS and IDNA that all tools use. libidn2 needs libunistring
# only where it is linked statically.
LIBS = lib/libassay.a $(TOOL_LIBS) -lidn2 $(if $(STATIC),-lunistring) -lresolv
SQLITE = -lsqlite3 $(if $(STATIC),-lm)
# What libcrypto needs differs between releases: from 3.5 on Debian builds it with zlib and zstd.
CRYPTO = -lcrypto $(if $(STATIC),$(shell pkg-config --static --libs-only-l libcrypto))
spfcheck/spfcheck: TOOL_LIBS = -lspf2
dkimsign/dkimsign dkimverify/dkimverify: TOOL_LIBS = $(CRYPTO)
dmarceval/dmarceval: TOOL_LIBS = $(SQLITE)
# Reports that come in are XML, packed with gzip or zip.
INTAKE = -lexpat -lz
dmarcreport/dmarcreport: TOOL_LIBS = -lspf2 $(SQLITE) $(INTAKE)
tests/unit/% tests/bench/% tests/fuzz/%: TOOL_LIBS = -lspf2 $(CRYPTO) $(SQLITE) $(INTAKE)

PROGRAMS = $(foreach tool,$(TOOLS),$(tool)/$(tool))
LIB_MAINS = lib/tool/sandbox_rules.c lib/postfix/gate.c
LIB_OBJECTS = $(patsubst %.c,%.o,$(filter-out $(LIB_MAINS),$(wildcard lib/*/*.c)))
UNIT_TESTS = $(patsubst %.c,%,$(wildcard tests/unit/*_test.c))
FUZZ_TARGETS = $(patsubst %.c,%,$(filter-out %/fuzz.c %/pool.c %/replay.c,$(wildcard tests/fuzz/*.c)))
BENCH_PROGRAMS = $(patsubst %.c,%,$(filter-out %/empty.c %/machine.c %_floor.c,$(wildcard tests/bench/*.c)))
OBJECTS = $(LIB_OBJECTS) $(foreach tool,$(TOOLS),$(patsubst %.c,%.o,$(wildcard $(tool)/*.c)))

all: $(PROGRAMS) lib/postfix/gate

define program
$(1)/$(1): $(patsubst %.c,%.o,$(wildcard $(1)/*.c)) lib/libassay.a lib/linking
	$$(CC) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) $$(LIBS)
endef
$(foreach tool,$(TOOLS),$(eval $(call program,$(tool))))

# What Postfix starts to have messages go through the tools.
lib/postfix/gate: lib/postfix/gate.o lib/libassay.a lib/linking
	$(CC) $(LDFLAGS) -o $@ $< $(LIBS)

lib/libassay.a: $(LIB_OBJECTS)
	rm -f $@
	$(AR) rcs $@ $^

%.o: %.c
	$(CC) -std=c11 $(CPPFLAGS) $(WARN) $(HARDEN) $(CFLAGS) -MMD -MP -c -o $@ $<

# How programs are linked; changes with STATIC, so that they are linked anew.
lib/linking: FORCE
	@echo '$(CC) $(LDFLAGS)' | cmp -s - $@ || echo '$(CC) $(LDFLAGS)' >$@

# The filters of the sandbox are compiled by a program that is built first.
lib/tool/sandbox_rules: lib/tool/sandbox_rules.o
	$(CC) $(CFLAGS) -o $@ $< -lseccomp

lib/tool/sandbox_filters.inc: lib/tool/sandbox_rules
	lib/tool/sandbox_rules >$@.new
	mv $@.new $@

lib/tool/sandbox.o: lib/tool/sandbox_filters.inc

tests/unit/%: tests/unit/%.o lib/libassay.a lib/linking
	$(CC) $(LDFLAGS) -o $@ $< $(LIBS)

# A fuzz target reads files; tests/fuzz/run builds it with libFuzzer's main() instead.
FUZZ_MAIN = tests/fuzz/replay.o
tests/fuzz/%: tests/fuzz/%.o tests/fuzz/fuzz.o tests/fuzz/pool.o $(FUZZ_MAIN) lib/libassay.a lib/linking
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

tests/bench/%: tests/bench/%.c lib/libassay.a
	$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

# Tests have name servers, mail systems and files of their own, so they run side by side, one more
# than there are cores, as many of them wait at times. The longest begin, so that none is left
# over when all others are done.
CORES = $(shell nproc)
JOBS = $(shell expr $(CORES) + 1)
LONG = assay_check faults dmarcreport_read rotate dkimsign_verifiers filters_smtp verdicts roundtrip stream filters_sendmail verify_peers \
       delivered consumers install dmarcreport_fault filter_contract dkim_hostile history sign_peers
SCRIPTS = $(wildcard tests/e2e/*.t tests/t/*.t)
FIRST = $(foreach name,$(LONG),$(filter %/$(name).t,$(SCRIPTS))) tests/unit/sendmail_test
TESTS = $(FIRST) $(filter-out $(FIRST),$(SCRIPTS) $(UNIT_TESTS))

demo:
	@.ci/packages build
	@[ -x dmarcreport/dmarcreport ] || echo 'Building the tools, which takes a minute ...'
	@$(MAKE) --no-print-directory -s all
	@tests/demo

# The programs that these tests are or run
tested = all $(filter tests/unit/%,$(TESTS)) $(if $(filter %/fuzz.t,$(wildcard $(TESTS))),$(FUZZ_TARGETS))

check-all: PEERS = peers
check check-all:
	@.ci/packages build check $(PEERS)
	@$(MAKE) --no-print-directory -s -j$(CORES) $(tested)
	prove --timer --jobs $(JOBS) -e '' $(TESTS)

check-valgrind:
	@.ci/packages build check peers valgrind
	@$(MAKE) --no-print-directory -s -j$(CORES) all $(UNIT_TESTS) $(FUZZ_TARGETS)
	tests/valgrind

check-sanitized:
	@.ci/packages build check peers
	tests/sanitized

lint: lib/tool/sandbox_filters.inc
	@.ci/packages build lint
	tests/lint $(CPPFLAGS) $(WARN)

bench:
	@.ci/packages build check peers bench
	@$(MAKE) --no-print-directory -s all $(BENCH_PROGRAMS)
	@tests/bench/start
	@tests/bench/instructions
	@tests/bench/policy
	@tests/bench/stream
	@echo 'canonicalization and SHA-256 of a body of 50 MB:'
	@tests/bench/machine_line
	@tests/bench/body
	@tests/bench/memory
	@tests/bench/history
	@tests/bench/reports
	@tests/bench/known
	@tests/bench/postfix
	@echo 'honest mail beside 100 messages whose DNS is silent, 10 workers:'
	@tests/bench/dns_time 100

SECONDS = 60
fuzz:
	@.ci/packages build fuzz
	@tests/fuzz/run $(SECONDS) $(TARGETS)

fuzz-targets: $(FUZZ_TARGETS)

# Examples and scripts name /usr/local; installed elsewhere, they name that place.
PREFIX = /usr/local
installed = $(DESTDIR)$(PREFIX)
MANUALS = $(foreach tool,$(TOOLS),$(tool)/$(tool).1) $(wildcard lib/man/*.[78] lib/site/*.8)
installed_manuals = $(foreach page,$(notdir $(MANUALS)),$(installed)/share/man/man?/$(page))
FILTERS = dmarcreport/examples/sign-and-send
UNITS = $(wildcard lib/site/*.service lib/site/*.timer */examples/assay-in.* */examples/assay-out.*)
EXAMPLES = $(wildcard */examples/*)
VERSION = $(shell sed -n 's/.*ASSAY_VERSION "\(.*\)"/\1/p' lib/base/version.h)

install: all
	install -D -t $(installed)/bin $(PROGRAMS)
	install -D -t $(installed)/libexec/assay $(FILTERS) lib/postfix/gate
	install -D -t $(installed)/sbin lib/site/assay
	install -D -m 644 -t $(installed)/share/assay lib/site/assay_*.sh
	install -D -m 644 -t $(installed)/lib/systemd/system $(UNITS)
	lib/site/completions install $(installed)/share $(PROGRAMS)
	install -D -m 644 -t $(installed)/share/man/man1 $(filter %.1,$(MANUALS))
	install -D -m 644 -t $(installed)/share/man/man7 $(filter %.7,$(MANUALS))
	install -D -m 644 -t $(installed)/share/man/man8 $(filter %.8,$(MANUALS))
	install -D -m 644 -t $(installed)/share/doc/assay README LICENSE lib/NEWS
	for file in $(EXAMPLES); do install -D -m 644 $$file $(installed)/share/doc/assay/$$file; done
	install -D -m 644 dmarceval/examples/sysusers.conf $(installed)/lib/sysusers.d/assay.conf
	install -D -m 644 dmarceval/examples/tmpfiles.conf $(installed)/lib/tmpfiles.d/assay.conf
	find $(addprefix $(installed)/libexec/assay/,$(notdir $(FILTERS))) $(installed)/share/doc/assay \
		$(installed)/sbin/assay $(installed)/lib/systemd/system/assay-* $(installed)/lib/*/assay.conf $(installed_manuals) -type f -exec sed -i 's,/usr/local,$(PREFIX),g' {} +

uninstall:
	rm -f $(TOOLS:%=$(installed)/bin/%)
	rm -f $(installed_manuals)
	rm -f $(installed)/lib/sysusers.d/assay.conf $(installed)/lib/tmpfiles.d/assay.conf
	rm -f $(installed)/sbin/assay $(foreach unit,$(notdir $(UNITS)),$(installed)/lib/systemd/system/$(unit))
	rm -f $(TOOLS:%=$(installed)/share/bash-completion/completions/%)
	rm -f $(TOOLS:%=$(installed)/share/zsh/vendor-completions/_%)
	rm -f $(TOOLS:%=$(installed)/share/fish/vendor_completions.d/%.fish)
	rm -rf $(installed)/libexec/assay $(installed)/share/assay $(installed)/share/doc/assay

dist:
	git archive --prefix=assay-$(VERSION)/ -o assay-$(VERSION).tar.gz HEAD

release:
	@[ -z "$$(git status --porcelain)" ] || { echo 'release: commit your changes first' >&2; exit 1; }
	@grep -m 1 '^assay [0-9]' lib/NEWS | grep -q '^assay $(VERSION) (2.*)$$' || \
		{ echo 'release: the first entry of lib/NEWS must be about assay $(VERSION), with a date' >&2; exit 1; }
	@! git rev-parse -q --verify refs/tags/v$(VERSION) >/dev/null || \
		{ echo 'release: there is a tag v$(VERSION) already; raise lib/base/version.h' >&2; exit 1; }
	git tag -a -m 'assay $(VERSION)' v$(VERSION)
	$(MAKE) --no-print-directory dist

deb static-tar:
	@.ci/packages build $(filter deb,$@)
	@lib/site/make_deb $@ $(VERSION)

e2e:
	@.ci/packages build check peers
	@$(MAKE) --no-print-directory -s all
	@tests/e2e/faults 1000 10

clean:
	rm -f $(PROGRAMS) lib/postfix/gate lib/libassay.a $(UNIT_TESTS) $(BENCH_PROGRAMS) $(FUZZ_TARGETS)
	rm -f lib/linking lib/tool/sandbox_rules lib/tool/sandbox_filters.inc
	rm -f lib/*/*.[od] $(TOOLS:%=%/*.[od]) tests/unit/*.[od] tests/fuzz/*.[od]

-include $(OBJECTS:.o=.d) $(LIB_MAINS:.c=.d) $(wildcard tests/*/*.d)

.PHONY: FORCE all demo check check-all check-sanitized check-valgrind lint bench e2e fuzz fuzz-targets install \
	uninstall dist release deb static-tar clean
.SECONDARY:
