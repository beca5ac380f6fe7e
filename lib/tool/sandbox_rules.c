/*
 * sandbox_rules - writes the seccomp filters of the sandbox as C, on standard output
 *
 * A program of its own, run when the library is built: libseccomp compiles the rules here, so
 * that the tools start with a filter that is ready, and without libseccomp. See sandbox.c.
 *
 * What is not named is refused with ENOSYS, not with EPERM: a C library of tomorrow tries a new
 * call first, and takes the old one when it hears that there is no such call.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "tool/sandbox_filter.h"

#define BINARY_TREE    2   /* of SCMP_FLTATR_CTL_OPTIMIZE: few comparisons for each system call */
#define TYPE_OF_SOCKET 0xf /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
#define ANY_BIT        0xffffffffU /* of an int: nobody says what is above it in a register */

/* Names of system calls, ending with NULL. The names of other machines do no harm. */
typedef const char *const names[];

/* Without arguments that need a look. */
static names always = {
    /* what is open, and what there is */
    "read", "readv", "pread64", "preadv", "write", "writev", "pwrite64", "pwritev", "lseek",
    "_llseek", "close", "dup2", "dup3", "fcntl", "fcntl64", "flock", "poll", "ppoll",
    "ppoll_time64", "ftruncate", "ftruncate64", "fallocate", "fsync", "fdatasync", "fadvise64",
    "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64", "newfstatat", "fstatat64", "statx",
    "fstatfs", "fstatfs64", "access", "faccessat", "faccessat2", "readlink", "readlinkat", "getcwd",
    /* memory */
    "brk", "munmap", "mremap", "madvise",
    /* time */
    "clock_gettime", "clock_gettime64", "gettimeofday", "time", "nanosleep", "clock_nanosleep",
    "clock_nanosleep_time64", "setitimer",
    /* ourselves */
    "getpid", "gettid", "getuid", "getuid32", "geteuid", "geteuid32", "getgid", "getgid32",
    "getegid", "getegid32", "uname", "sysinfo", "getrandom", "futex", "futex_time64", "sched_yield",
    "getrlimit", "setrlimit", "ugetrlimit", "prlimit64", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigreturn", "restart_syscall", "exit", "exit_group", NULL};

static names new_files = {"unlink", "unlinkat", NULL};

static names write_files = {"open",   "openat", "rename", "renameat", "renameat2", "link",
			    "linkat", "fchmod", "fchown", "fchown32", NULL};

static names sockets = {"connect", "recv", "recvfrom", NULL};

/* What only an intruder does: there is no second attempt. */
static names deadly = {"execve",           "execveat",          "ptrace",
		       "process_vm_readv", "process_vm_writev", NULL};

/*
 * What neither a program that starts the stages needs, nor a stage: other processes, what the
 * kernel is and how it runs, file systems, keys, and what is new and large in the kernel.
 */
static names never = {
    "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "process_madvise",
    /* file systems, namespaces */
    "mount", "umount", "umount2", "pivot_root", "chroot", "unshare", "setns", "move_mount",
    "fsopen", "fsmount", "fsconfig", "fspick", "open_tree", "mount_setattr", "name_to_handle_at",
    "open_by_handle_at", "mknod", "mknodat", "quotactl", "quotactl_fd", "fanotify_init",
    /* the kernel and its clock */
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot",
    "swapon", "swapoff", "acct", "syslog", "settimeofday", "clock_settime", "clock_settime64",
    "clock_adjtime", "clock_adjtime64", "adjtimex", "sethostname", "setdomainname", "iopl",
    "ioperm", "personality", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup",
    "io_uring_enter", "io_uring_register", "lookup_dcookie", "vhangup",
    /* keys, and who waits for connections */
    "add_key", "request_key", "keyctl", "listen", NULL};

/* At the end of a program with AddressSanitizer. */
static names sanitizer = {"clone",   "clone3",   "ptrace",      "wait4",           "prctl",
			  "mmap",    "mprotect", "sigaltstack", "getdents",        "getdents64",
			  "getppid", "tgkill",   "rseq",        "set_robust_list", NULL};

static _Noreturn void fail_rules(const char *what, int number)
{
	fprintf(stderr, "sandbox_rules: %s: error %d\n", what, number);
	exit(EX_SOFTWARE);
}

/* add_rule - a rule with conditions; a call that libseccomp does not know cannot be made either */
static void add_rule(scmp_filter_ctx filter, uint32_t action, const char *name, unsigned count,
		     const struct scmp_arg_cmp *conditions)
{
	int call = seccomp_syscall_resolve_name(name);
	int status;

	if (call == __NR_SCMP_ERROR)
		return;
	status = seccomp_rule_add_array(filter, action, call, count, conditions);
	if (status != 0)
		fail_rules(name, -status);
}

static void add_all(scmp_filter_ctx filter, uint32_t action, names list)
{
	for (size_t i = 0; list[i] != NULL; i++)
		add_rule(filter, action, list[i], 0, NULL);
}

/* allow_if - one argument, as far as the mask tells, has a value */
static void allow_if(scmp_filter_ctx filter, const char *name, unsigned argument, unsigned mask,
		     unsigned value)
{
	const struct scmp_arg_cmp condition = SCMP_CMP(argument, SCMP_CMP_MASKED_EQ, mask, value);

	add_rule(filter, SCMP_ACT_ALLOW, name, 1, &condition);
}

/* allow_open - with these flags */
static void allow_open(scmp_filter_ctx filter, unsigned mask, unsigned flags)
{
	allow_if(filter, "open", 1, mask, flags);
	allow_if(filter, "openat", 2, mask, flags);
}

/* allow_files - opening them */
static void allow_files(scmp_filter_ctx filter, enum sandbox_files files)
{
	if (files >= SANDBOX_NEW_FILES)
		add_all(filter, SCMP_ACT_ALLOW, new_files);
	if (files == SANDBOX_WRITE_FILES) {
		add_all(filter, SCMP_ACT_ALLOW, write_files);
		return;
	}
	if (files >= SANDBOX_NEW_FILES) {
		allow_open(filter, O_CREAT | O_EXCL, O_CREAT | O_EXCL);
		allow_open(filter, O_TMPFILE | O_EXCL, O_TMPFILE | O_EXCL);
	}
	if (files >= SANDBOX_READ_FILES)
		allow_open(filter, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY);
}

/* allow_socket - of one kind */
static void allow_socket(scmp_filter_ctx filter, int domain, int type)
{
	const struct scmp_arg_cmp conditions[] = {
	    SCMP_A0(SCMP_CMP_MASKED_EQ, ANY_BIT, (unsigned)domain),
	    SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_OF_SOCKET, (unsigned)type),
	};

	add_rule(filter, SCMP_ACT_ALLOW, "socket", 2, conditions);
}

/* allow_sockets - nothing is sent but to where a socket is connected to */
static void allow_sockets(scmp_filter_ctx filter, unsigned number)
{
	const struct scmp_arg_cmp no_address = SCMP_A4(SCMP_CMP_EQ, 0, 0);

	if ((number & (SANDBOX_DNS | SANDBOX_SYSLOG)) == 0)
		return;
	add_all(filter, SCMP_ACT_ALLOW, sockets);
	add_rule(filter, SCMP_ACT_ALLOW, "send", 0, NULL);
	add_rule(filter, SCMP_ACT_ALLOW, "sendto", 1, &no_address);
	if ((number & SANDBOX_SYSLOG) != 0)
		allow_socket(filter, AF_UNIX, SOCK_DGRAM);
	if ((number & SANDBOX_DNS) != 0) {
		allow_socket(filter, AF_INET, SOCK_DGRAM);
		allow_socket(filter, AF_INET, SOCK_STREAM);
		allow_socket(filter, AF_INET6, SOCK_DGRAM);
		allow_socket(filter, AF_INET6, SOCK_STREAM);
	}
}

/* make - the filter of a number */
static scmp_filter_ctx make(unsigned number)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));

	if (filter == NULL)
		fail_rules("no filter", ENOMEM);
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
	add_all(filter, SCMP_ACT_ALLOW, always);
	allow_if(filter, "ioctl", 1, ANY_BIT, TCGETS); /* isatty(3) */
	if (sandbox_is_sanitized()) {
		add_all(filter, SCMP_ACT_ALLOW, sanitizer);
	} else {
		add_all(filter, SCMP_ACT_KILL_PROCESS, deadly);
		allow_if(filter, "mmap", 2, PROT_EXEC, 0); /* no new code */
		allow_if(filter, "mmap2", 2, PROT_EXEC, 0);
	}
	allow_files(filter, sandbox_is_sanitized() ? SANDBOX_WRITE_FILES : number % SANDBOX_DNS);
	allow_sockets(filter, number);
	return filter;
}

/*
 * make_starter - for a program that starts others, which inherit it: all but what nobody needs.
 * Here the answer is EPERM, as for any user who may not.
 */
static scmp_filter_ctx make_starter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const struct scmp_arg_cmp types = SCMP_A1(SCMP_CMP_MASKED_EQ, ANY_BIT, TIOCSTI);

	if (filter == NULL)
		fail_rules("no filter", ENOMEM);
	seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
	add_all(filter, SCMP_ACT_ERRNO(EPERM), never);
	add_rule(filter, SCMP_ACT_ERRNO(EPERM), "ioctl", 1, &types); /* typing on a terminal */
	if (!sandbox_is_sanitized())
		add_rule(filter, SCMP_ACT_ERRNO(EPERM), "ptrace", 0, NULL);
	return filter;
}

/* print - as an array of instructions */
static void print(scmp_filter_ctx filter, unsigned number)
{
	FILE *file = tmpfile();
	struct sock_filter instruction;
	int status;

	if (file == NULL)
		fail_rules("tmpfile", errno);
	status = seccomp_export_bpf(filter, fileno(file));
	if (status != 0)
		fail_rules("export", -status);
	rewind(file);
	printf("static const struct sock_filter filter_%u[] = {\n", number);
	while (fread(&instruction, sizeof(instruction), 1, file) == 1)
		printf("    {0x%02x, %u, %u, 0x%08x},\n", instruction.code, instruction.jt,
		       instruction.jf, instruction.k);
	printf("};\n\n");
	fclose(file);
}

int main(void)
{
	printf("/* Made by sandbox_rules. */\n");
	for (unsigned number = 0; number < SANDBOX_FILTERS; number++) {
		scmp_filter_ctx filter = number == SANDBOX_STARTER ? make_starter() : make(number);

		print(filter, number);
		seccomp_release(filter);
	}
	printf("static const struct seccomp_filter filters[] = {\n");
	for (unsigned number = 0; number < SANDBOX_FILTERS; number++)
		printf("    {filter_%u, sizeof(filter_%u) / sizeof(filter_%u[0])},\n", number,
		       number, number);
	printf("};\n");
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
