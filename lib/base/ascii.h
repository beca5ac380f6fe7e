/*
 * ascii - classes of ASCII characters (RFC 5234 appendix B.1), whatever the locale
 */
#ifndef ASSAY_BASE_ASCII_H
#define ASSAY_BASE_ASCII_H

#include <stdbool.h>

bool is_alpha(char byte);
bool is_digit(char byte);
bool is_alnum(char byte);
bool is_hexdigit(char byte);
bool is_wsp(char byte);   /* SP, TAB */
bool is_vchar(char byte); /* %x21-7E */
bool is_any_of(char byte, const char *set);

#endif
