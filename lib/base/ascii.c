/*
 * ascii - classes of ASCII characters; see base/ascii.h
 */
#include "base/ascii.h"

#include <string.h>

bool is_alpha(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

bool is_alnum(char byte)
{
	return is_alpha(byte) || is_digit(byte);
}

bool is_hexdigit(char byte)
{
	return is_digit(byte) || (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F');
}

bool is_wsp(char byte)
{
	return byte == ' ' || byte == '\t';
}

bool is_vchar(char byte)
{
	return byte >= '!' && byte <= '~';
}

/* strchr() would find the NUL byte in every set */
bool is_any_of(char byte, const char *set)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}
