/*
 * sandbox - what each kind of policy leaves, in processes of their own
 */
#include "tool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/spool.h"
#include "tap.h"
#include "tool/sandbox_filter.h"

#define SMTP 25
#define DNS  53

static struct pool *pool;
static const char *directory; /* with files "a" and "b", and directories "in" and "tmp" */

/* Something to be tried; 0, or -1 with errno. */
typedef long attempt(void);

static const char *in(const char *name)
{
	return pool_printf(pool, "%s/%s", directory, name);
}

static long read_a(void)
{
	return open(in("a"), O_RDONLY);
}

static long read_b(void)
{
	return open(in("b"), O_RDONLY);
}

static long read_passwd(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long write_a(void)
{
	return open(in("a"), O_WRONLY);
}

static long make_beside(void)
{
	return open(in("new"), O_WRONLY | O_CREAT | O_EXCL, 0600);
}

/* change_inside - make, fill, read, cut, rename, link, remove, and bring it all to the disk */
static long change_inside(void)
{
	int fd = open(in("in/x"), O_RDWR | O_CREAT, 0600);
	int directory_fd = open(in("in"), O_RDONLY | O_DIRECTORY);

	return fd >= 0 && write(fd, "x", 1) == 1 && fsync(fd) == 0 && fchmod(fd, 0640) == 0 &&
		       close(fd) == 0 && open(in("in/x"), O_RDWR | O_TRUNC) >= 0 &&
		       rename(in("in/x"), in("in/y")) == 0 && link(in("in/y"), in("in/z")) == 0 &&
		       unlink(in("in/y")) == 0 && unlink(in("in/z")) == 0 && directory_fd >= 0 &&
		       fsync(directory_fd) == 0
		   ? 0
		   : -1;
}

static long spool(void)
{
	struct error error;

	return spool_file(&error);
}

/* spool_with_name - as on a file system without O_TMPFILE */
static long spool_with_name(void)
{
	char *path = pool_printf(pool, "%s/x.XXXXXX", spool_directory());
	int fd = mkostemp(path, O_CLOEXEC);

	return fd < 0 ? fd : unlink(path);
}

/* open_spooled - what lies in the directory of the spool is not ours */
static long open_spooled(void)
{
	return open(in("tmp/other"), O_RDWR);
}

static long connect_to(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? fd : connect(fd, (struct sockaddr *)&address, sizeof(address));
}

static long connect_smtp(void)
{
	return connect_to(SMTP);
}

/* connect_dns - reaches the kernel's answer that nobody listens, or somebody */
static long connect_dns(void)
{
	return connect_to(DNS) == 0 || errno == ECONNREFUSED ? 0 : -1;
}

static long udp_socket(void)
{
	return socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK, 0) >= 0 || errno == EAFNOSUPPORT ? 0
											     : -1;
}

static long local_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

static long raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long execute(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static long trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static long start(void)
{
	return fork();
}

static long new_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		       MAP_FAILED
		   ? -1
		   : 0;
}

/* tell_time - with a zone, as syslog(3) does */
static long tell_time(void)
{
	time_t now = time(NULL);
	struct tm parts;

	return localtime_r(&now, &parts) != NULL ? 0 : -1;
}

/* tried - what an attempt under a policy comes to: 0, errno, or 1000 and a signal */
static int tried(const struct sandbox *sandbox, attempt *make)
{
	struct error error;
	int version, status;
	pid_t child = fork();

	if (child == 0) {
		sandbox_enter(sandbox, &version, &error);
		_exit(make() >= 0 ? 0 : errno);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void may(const struct sandbox *sandbox, attempt *make, const char *name)
{
	is_number(tried(sandbox, make), 0, name);
}

static void may_not(const struct sandbox *sandbox, attempt *make, const char *name)
{
	int outcome = tried(sandbox, make);

	ok(outcome == ENOSYS || outcome == EACCES || outcome == 1000 + SIGSYS, "%s: %d", name,
	   outcome);
}

/* test_nothing - under the narrowest policy */
static void test_nothing(void)
{
	const struct sandbox nothing = {.spool = false};

	may_not(&nothing, read_passwd, "no file is read");
	may_not(&nothing, make_beside, "none is made");
	may_not(&nothing, spool, "not even without a name");
	may_not(&nothing, udp_socket, "no network");
	may_not(&nothing, local_socket, "no local socket");
	may_not(&nothing, start, "no process");
	may_not(&nothing, new_code, "no new code");
	is_number(tried(&nothing, execute), 1000 + SIGSYS, "exec kills");
	is_number(tried(&nothing, trace), 1000 + SIGSYS, "ptrace kills");
	may(&nothing, tell_time, "but time goes on");
}

static void test_spool(void)
{
	const struct sandbox policy = {.spool = true};

	may(&policy, spool, "a spool is made");
	may(&policy, spool_with_name, "on other file systems, too");
	may_not(&policy, open_spooled, "but nothing else is opened in that directory");
	may_not(&policy, read_a, "nor elsewhere");
}

/* test_files - policies with paths; Landlock has to be there */
static void test_files(void)
{
	struct sandbox reading = {.pool = pool};
	struct sandbox writing = {.pool = pool};

	sandbox_allow_read(&reading, in("a"));
	may(&reading, read_a, "a file that is allowed is read");
	may_not(&reading, read_b, "not the one beside it");
	may_not(&reading, write_a, "and it is not written");
	sandbox_allow_write(&writing, in("in"));
	sandbox_allow_write(&writing, in("absent"));
	may(&writing, change_inside, "files in a directory are changed");
	may_not(&writing, read_a, "none above it is read");
	may_not(&writing, make_beside, "or made");
	may_not(&writing, read_passwd, "let alone elsewhere");
}

/* test_links - the directory of a file that is a symbolic link, and that of its target */
static void test_links(void)
{
	struct sandbox policy = {.pool = pool};

	ok(symlink("../in/x", in("tmp/one")) == 0 && symlink("one", in("tmp/two")) == 0,
	   "a link to a link to nothing");
	sandbox_allow_beside(&policy, in("tmp/two"));
	may(&policy, change_inside, "the directory where it leads to can be changed");
	may_not(&policy, read_a, "no other");
}

static void test_network(int landlock)
{
	const struct sandbox dns = {.dns = true};
	const struct sandbox syslog = {.syslog = true};

	may(&dns, udp_socket, "UDP for DNS");
	may(&dns, connect_dns, "TCP to port 53");
	if (landlock >= 4)
		may_not(&dns, connect_smtp, "not to port 25");
	else
		ok(true, "not to port 25 # SKIP Landlock %d has no network rules", landlock);
	may_not(&dns, raw_socket, "no raw sockets");
	may_not(&dns, local_socket, "no local ones");
	may(&syslog, local_socket, "but for syslog");
	may_not(&syslog, udp_socket, "which needs no others");
}

/* landlock_version - as a confined process finds it; 0 without */
static int landlock_version(void)
{
	const struct sandbox sandbox = {.spool = false};
	struct error error;
	int version = 0, status;
	pid_t child = fork();

	if (child == 0) {
		sandbox_enter(&sandbox, &version, &error);
		_exit(version);
	}
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

/* make_directory - the place where all happens */
static void make_directory(void)
{
	char *path = pool_printf(pool, "%s/sandbox_test.XXXXXX", spool_directory());
	const char *names[] = {"a", "b", "tmp/other"};

	directory = mkdtemp(path);
	ok(directory != NULL && mkdir(in("in"), 0700) == 0 && mkdir(in("tmp"), 0700) == 0,
	   "a directory");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		close(open(in(names[i]), O_WRONLY | O_CREAT, 0600));
	setenv("TMPDIR", in("tmp"), 1);
}

static void remove_directory(void)
{
	const char *names[] = {"a", "b", "tmp/other", "tmp/one", "tmp/two", "in", "tmp", ""};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		remove(in(names[i]));
}

/* is_possible - not under valgrind, for instance */
static bool is_possible(void)
{
	const struct sandbox sandbox = {.spool = false};

	return tried(&sandbox, read_passwd) != 0;
}

int main(void)
{
	int landlock;

	if (sandbox_is_sanitized()) {
		printf("1..0 # SKIP AddressSanitizer does what the sandbox is there to forbid\n");
		return 0;
	}
	if (!is_possible()) {
		printf("1..0 # SKIP this kernel has no seccomp\n");
		return 0;
	}
	pool = pool_new();
	setvbuf(stdout, NULL, _IOLBF, 0);
	landlock = landlock_version();
	make_directory();
	test_nothing();
	test_spool();
	if (landlock > 0) {
		test_files();
		test_links();
	} else {
		ok(true, "files # SKIP this kernel has no Landlock");
	}
	test_network(landlock);
	remove_directory();
	pool_free(pool);
	return done();
}
