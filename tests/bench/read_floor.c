/* What reading reports costs at least: gunzip and expat, nothing else. usage: read_floor FILE... */
#include <expat.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define CHUNK 16384

static unsigned long elements;

static void element(void *context, const XML_Char *name, const XML_Char **attributes)
{
	(void)context;
	(void)name;
	(void)attributes;
	elements++;
}

static void element_end(void *context, const XML_Char *name)
{
	(void)context;
	(void)name;
}

static void element_text(void *context, const XML_Char *text, int len)
{
	(void)context;
	(void)text;
	(void)len;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		XML_Parser parser = XML_ParserCreate(NULL);
		gzFile file = gzopen(argv[i], "rb");
		char chunk[CHUNK];
		int got;

		if (file == NULL)
			return 1;
		XML_SetElementHandler(parser, element, element_end);
		XML_SetCharacterDataHandler(parser, element_text);
		do {
			got = gzread(file, chunk, sizeof(chunk));
			if (got < 0 || XML_Parse(parser, chunk, got, got == 0) != XML_STATUS_OK)
				return 1;
		} while (got > 0);
		gzclose(file);
		XML_ParserFree(parser);
	}
	printf("%lu elements\n", elements);
	return 0;
}
