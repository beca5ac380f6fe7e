/*
 * replay - gives files to a fuzz target, one after the other
 *
 * usage: TARGET FILE...
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

/* replay - false if the file cannot be read */
static bool replay(const char *path)
{
	FILE *file = fopen(path, "rb");
	long size = file != NULL && fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
	uint8_t *data =
	    size >= 0 ? malloc((size_t)size + (size == 0)) : NULL; /* and no octet more */
	bool good = data != NULL && fseek(file, 0, SEEK_SET) == 0 &&
		    fread(data, 1, (size_t)size, file) == (size_t)size;

	if (good)
		LLVMFuzzerTestOneInput(data, (size_t)size);
	else
		perror(path);
	free(data);
	if (file != NULL)
		fclose(file);
	return good;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	for (int i = 1; i < argc; i++) {
		printf("# %s\n", argv[i]);
		if (!replay(argv[i]))
			return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
