/*
 * machine - what this machine takes for what every process has to pay, in one line
 *
 * usage: machine EMPTY STATIC     (two programs that do nothing, one without shared libraries)
 *
 * Figures of two machines can be compared only by these: start-up is mostly page faults, and those
 * differ by a factor of ten between virtual machines.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RUNS      301 /* odd, for a median */
#define PAGES     4096
#define PAGE_SIZE 4096

/* cpu - of this process and of its children that have ended, in microseconds */
static double cpu(void)
{
	double sum = 0;
	struct rusage usage;

	for (int who = RUSAGE_CHILDREN; who <= RUSAGE_SELF; who++) {
		getrusage(who, &usage);
		sum += (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6;
		sum += (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	}
	return sum;
}

static void run_program(char *path)
{
	char *const argv[] = {path, NULL};
	pid_t child;

	if (posix_spawn(&child, path, NULL, NULL, argv, NULL) != 0 ||
	    waitpid(child, NULL, 0) != child)
		exit(1);
}

static void run_fork(char *path)
{
	pid_t child = fork();

	(void)path;
	if (child == 0)
		_exit(0);
	if (child < 0 || waitpid(child, NULL, 0) != child)
		exit(1);
}

/* run_faults - pages that are touched for the first time */
static void run_faults(char *path)
{
	char *pages = mmap(NULL, (size_t)PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)path;
	if (pages == MAP_FAILED)
		exit(1);
	madvise(pages, (size_t)PAGES * PAGE_SIZE, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < PAGES; i++)
		pages[i * PAGE_SIZE] = 1;
	munmap(pages, (size_t)PAGES * PAGE_SIZE);
}

static int compare(const void *a, const void *b)
{
	double first = *(const double *)a;
	double second = *(const double *)b;

	return (first > second) - (first < second);
}

/* median - of the CPU time of that many runs, in microseconds */
static double median(void (*run)(char *path), char *path, int runs)
{
	double times[RUNS];

	for (int i = 0; i < runs; i++) {
		double before = cpu();

		run(path);
		times[i] = cpu() - before;
	}
	qsort(times, (size_t)runs, sizeof(times[0]), compare);
	return times[runs / 2];
}

int main(int argc, char **argv)
{
	double load = 0;

	if (argc != 3)
		return 2;
	getloadavg(&load, 1);
	printf("  this machine: empty program %.2f ms, static %.2f ms, ",
	       median(run_program, argv[1], RUNS) / 1e3, median(run_program, argv[2], RUNS) / 1e3);
	printf("fork and exit %.3f ms, page fault %.2f us; load %.1f\n",
	       median(run_fork, NULL, RUNS) / 1e3, median(run_faults, NULL, 11) / PAGES, load);
	return 0;
}
