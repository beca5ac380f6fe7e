/*
 * intruder - code that has got into a tool, for tests: LD_PRELOAD=intruder.so INTRUDE=ATTEMPT
 *
 * When the tool reads its standard input, or else at its end, this tries what a stranger would, and
 * tells what the kernel says: "ATTEMPT: done" or "ATTEMPT: EACCES". INTRUDE=all makes all
 * attempts that a process should survive. The directory INTRUDE_DIR is none of the tool's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SMTP 25

static char file[4096];
static const char *directory;

/* in_directory - a file that is none of the tool's */
static const char *in_directory(const char *name)
{
	snprintf(file, sizeof(file), "%s/%s", directory, name);
	return file;
}

static long read_passwd(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static long read_other(void)
{
	return open(in_directory("other"), O_RDONLY);
}

static long write_other(void)
{
	return open(in_directory("other"), O_WRONLY);
}

static long make_file(void)
{
	return open(in_directory("new"), O_RDWR | O_CREAT | O_EXCL, 0600);
}

static long make_unnamed_file(void)
{
	return open(directory, O_RDWR | O_TMPFILE | O_EXCL, 0600);
}

static long remove_file(void)
{
	return unlink(in_directory("other"));
}

static long rename_file(void)
{
	return rename(in_directory("other"), "renamed");
}

static long make_directory(void)
{
	return mkdir(in_directory("sub"), 0700);
}

/* tcp_socket - to be used for SMTP */
static long tcp_socket(int (*use)(int, const struct sockaddr *, socklen_t), unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((in_port_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return fd < 0 ? fd : use(fd, (struct sockaddr *)&address, sizeof(address));
}

static long connect_smtp(void)
{
	return tcp_socket(connect, SMTP);
}

static long bind_tcp(void)
{
	return tcp_socket(bind, 0);
}

static long raw_socket(void)
{
	return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long local_stream(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long signal_parent(void)
{
	return kill(getppid(), 0);
}

static long start_process(void)
{
	return syscall(SYS_fork);
}

static long new_code(void)
{
	void *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return code == MAP_FAILED ? -1 : 0;
}

static long execute(void)
{
	return execl("/bin/echo", "echo", "executed", (char *)NULL);
}

static long trace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static const struct {
	const char *name;
	long (*make)(void);
	int is_deadly;
} attempts[] = {
    {"read_passwd", read_passwd, 0},
    {"read_other", read_other, 0},
    {"write_other", write_other, 0},
    {"make_file", make_file, 0},
    {"make_unnamed_file", make_unnamed_file, 0},
    {"remove_file", remove_file, 0},
    {"rename_file", rename_file, 0},
    {"make_directory", make_directory, 0},
    {"connect_smtp", connect_smtp, 0},
    {"bind_tcp", bind_tcp, 0},
    {"raw_socket", raw_socket, 0},
    {"local_stream", local_stream, 0},
    {"signal_parent", signal_parent, 0},
    {"start_process", start_process, 0},
    {"new_code", new_code, 0},
    {"execute", execute, 1},
    {"trace", trace, 1},
};

/* intrude - once */
static void intrude(void)
{
	const char *wish = getenv("INTRUDE");
	static int done;

	directory = getenv("INTRUDE_DIR");
	if (wish == NULL || directory == NULL || done++)
		return;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++) {
		if (strcmp(wish, attempts[i].name) != 0 &&
		    (strcmp(wish, "all") != 0 || attempts[i].is_deadly))
			continue;
		if (attempts[i].make() >= 0)
			dprintf(STDERR_FILENO, "%s: done\n", attempts[i].name);
		else
			dprintf(STDERR_FILENO, "%s: %s\n", attempts[i].name,
				strerrorname_np(errno));
	}
}

/* read_hidden - the system's read(2) is called after it */
ssize_t read_hidden(int fd, void *data, size_t size) __asm__("read");

ssize_t read_hidden(int fd, void *data, size_t size)
{
	if (fd == STDIN_FILENO)
		intrude();
	return ((ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read"))(fd, data, size);
}

__attribute__((destructor)) static void leave(void)
{
	intrude();
}
