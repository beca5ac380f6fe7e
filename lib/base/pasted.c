/*
 * pasted - characters that get into DNS records by copying; see base/pasted.h
 */
#include "base/pasted.h"

#include "base/pool.h"
#include "base/utf8.h"

#define ASCII_MAX 65536 /* octets of a copy: the size of the largest DNS answer */

#define FULLWIDTH_FIRST 0xff01U /* "!" to "~", as wide as an ideograph */
#define FULLWIDTH_LAST  0xff5eU

struct look_alike {
	unsigned code;
	const char *name;
	const char *instead;
};

/* In UTF-8, in the order of their codes. */
static const struct look_alike look_alikes[] = {
    {0x00a0, "no-break space", " "},
    {0x00ab, "double angle quotation mark", ""},
    {0x00ad, "soft hyphen", ""},
    {0x00b4, "acute accent", ""},
    {0x00bb, "double angle quotation mark", ""},
    {0x02dc, "small tilde", "~"},
    {0x0391, "Greek letter that looks like A", "A"},
    {0x0392, "Greek letter that looks like B", "B"},
    {0x0395, "Greek letter that looks like E", "E"},
    {0x0399, "Greek letter that looks like I", "I"},
    {0x039c, "Greek letter that looks like M", "M"},
    {0x039f, "Greek letter that looks like O", "O"},
    {0x03a1, "Greek letter that looks like P", "P"},
    {0x03a4, "Greek letter that looks like T", "T"},
    {0x03a7, "Greek letter that looks like X", "X"},
    {0x03b1, "Greek letter that looks like a", "a"},
    {0x03b9, "Greek letter that looks like i", "i"},
    {0x03bd, "Greek letter that looks like v", "v"},
    {0x03bf, "Greek letter that looks like o", "o"},
    {0x03c1, "Greek letter that looks like p", "p"},
    {0x03c5, "Greek letter that looks like u", "u"},
    {0x0405, "Cyrillic letter that looks like S", "S"},
    {0x0406, "Cyrillic letter that looks like I", "I"},
    {0x0408, "Cyrillic letter that looks like J", "J"},
    {0x0410, "Cyrillic letter that looks like A", "A"},
    {0x0412, "Cyrillic letter that looks like B", "B"},
    {0x0415, "Cyrillic letter that looks like E", "E"},
    {0x041a, "Cyrillic letter that looks like K", "K"},
    {0x041c, "Cyrillic letter that looks like M", "M"},
    {0x041d, "Cyrillic letter that looks like H", "H"},
    {0x041e, "Cyrillic letter that looks like O", "O"},
    {0x0420, "Cyrillic letter that looks like P", "P"},
    {0x0421, "Cyrillic letter that looks like C", "C"},
    {0x0422, "Cyrillic letter that looks like T", "T"},
    {0x0425, "Cyrillic letter that looks like X", "X"},
    {0x0430, "Cyrillic letter that looks like a", "a"},
    {0x0435, "Cyrillic letter that looks like e", "e"},
    {0x043c, "Cyrillic letter that looks like m", "m"},
    {0x043e, "Cyrillic letter that looks like o", "o"},
    {0x043f, "Cyrillic letter that looks like n", "n"},
    {0x0440, "Cyrillic letter that looks like p", "p"},
    {0x0441, "Cyrillic letter that looks like c", "c"},
    {0x0443, "Cyrillic letter that looks like y", "y"},
    {0x0445, "Cyrillic letter that looks like x", "x"},
    {0x0455, "Cyrillic letter that looks like s", "s"},
    {0x0456, "Cyrillic letter that looks like i", "i"},
    {0x0458, "Cyrillic letter that looks like j", "j"},
    {0x0475, "Cyrillic letter that looks like v", "v"},
    {0x04cf, "Cyrillic letter that looks like l", "l"},
    {0x0501, "Cyrillic letter that looks like d", "d"},
    {0x051b, "Cyrillic letter that looks like q", "q"},
    {0x051d, "Cyrillic letter that looks like w", "w"},
    {0x2002, "en space", " "},
    {0x2003, "em space", " "},
    {0x2007, "figure space", " "},
    {0x2009, "thin space", " "},
    {0x200a, "hair space", " "},
    {0x200b, "zero-width space", ""},
    {0x200c, "zero-width non-joiner", ""},
    {0x200d, "zero-width joiner", ""},
    {0x200e, "left-to-right mark", ""},
    {0x200f, "right-to-left mark", ""},
    {0x2010, "hyphen", "-"},
    {0x2011, "no-break hyphen", "-"},
    {0x2012, "figure dash", "-"},
    {0x2013, "en dash", "-"},
    {0x2014, "em dash", "-"},
    {0x2015, "horizontal bar", "-"},
    {0x2018, "left single quotation mark", ""},
    {0x2019, "right single quotation mark", ""},
    {0x201a, "low single quotation mark", ""},
    {0x201b, "reversed single quotation mark", ""},
    {0x201c, "left double quotation mark", ""},
    {0x201d, "right double quotation mark", ""},
    {0x201e, "low double quotation mark", ""},
    {0x2022, "bullet", ""},
    {0x2026, "ellipsis", ""},
    {0x2028, "line separator", " "},
    {0x202f, "narrow no-break space", " "},
    {0x2032, "prime", ""},
    {0x2033, "double prime", ""},
    {0x2044, "fraction slash", "/"},
    {0x2060, "word joiner", ""},
    {0x2212, "minus sign", "-"},
    {0x2215, "division slash", "/"},
    {0x2236, "ratio", ":"},
    {0x223c, "tilde operator", "~"},
    {0x3000, "ideographic space", " "},
    {0x3002, "ideographic full stop", "."},
    {0x301c, "wave dash", "~"},
    {0xa789, "modifier letter colon", ":"},
    {0xfe63, "small hyphen-minus", "-"},
    {0xfeff, "byte order mark", ""},
};

/* Single octets of Windows-1252, from records that were made without UTF-8. */
static const struct look_alike octets[] = {
    {0x85, "ellipsis of Windows-1252", ""},
    {0x91, "left single quotation mark of Windows-1252", ""},
    {0x92, "right single quotation mark of Windows-1252", ""},
    {0x93, "left double quotation mark of Windows-1252", ""},
    {0x94, "right double quotation mark of Windows-1252", ""},
    {0x95, "bullet of Windows-1252", ""},
    {0x96, "en dash of Windows-1252", "-"},
    {0x97, "em dash of Windows-1252", "-"},
    {0x98, "small tilde of Windows-1252", "~"},
    {0xa0, "no-break space of Windows-1252", " "},
    {0xad, "soft hyphen of Windows-1252", ""},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Printable ASCII, each as a text of its own. */
static const char ascii_texts[][2] = {
    "!", "\"", "#",  "$", "%", "&", "'", "(", ")", "*", "+", ",", "-", ".", "/", "0", "1", "2", "3",
    "4", "5",  "6",  "7", "8", "9", ":", ";", "<", "=", ">", "?", "@", "A", "B", "C", "D", "E", "F",
    "G", "H",  "I",  "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y",
    "Z", "[",  "\\", "]", "^", "_", "`", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l",
    "m", "n",  "o",  "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z", "{", "|", "}", "~",
};

/* find_look_alike - in one of the tables */
static void find_look_alike(const struct look_alike *table, size_t count, unsigned code,
			    struct pasted *pasted)
{
	for (size_t i = 0; i < count; i++) {
		if (table[i].code == code) {
			pasted->name = table[i].name;
			pasted->instead = table[i].instead;
		}
	}
}

struct pasted pasted_read(struct slice text)
{
	struct pasted pasted = {.name = NULL};

	pasted.len = utf8_decode(text, &pasted.code);
	if (pasted.len == 0) {
		pasted.len = 1;
		find_look_alike(octets, COUNT(octets), (unsigned char)text.data[0], &pasted);
		return pasted;
	}
	if (pasted.code >= FULLWIDTH_FIRST && pasted.code <= FULLWIDTH_LAST) {
		pasted.name = "fullwidth character";
		pasted.instead = ascii_texts[pasted.code - FULLWIDTH_FIRST];
	}
	find_look_alike(look_alikes, COUNT(look_alikes), pasted.code, &pasted);
	return pasted;
}

const char *pasted_describe(struct pool *pool, struct slice text)
{
	struct pasted pasted = pasted_read(text);
	const char *what = pasted.code != 0
			       ? pool_printf(pool, "U+%04X", pasted.code)
			       : pool_printf(pool, "the octet 0x%02X", (unsigned char)text.data[0]);

	if (pasted.name == NULL)
		return what;
	return pool_printf(pool, "%s (%s)", what, pasted.name);
}

size_t pasted_find(struct slice text)
{
	size_t at = 0;

	while (at < text.len && slice_is_ascii(slice_from(text.data + at, 1)))
		at++;
	return at;
}

const char *pasted_to_ascii(struct pool *pool, struct slice text)
{
	struct buffer copy;
	const char *ascii = NULL;
	bool is_known = true;

	buffer_init(&copy, ASCII_MAX);
	while (text.len > 0 && is_known) {
		size_t plain = pasted_find(text);
		struct pasted pasted;

		buffer_add(&copy, text.data, plain);
		text = slice_skip(text, plain);
		if (text.len == 0)
			break;
		pasted = pasted_read(text);
		is_known = pasted.instead != NULL;
		if (is_known)
			buffer_add_text(&copy, pasted.instead);
		text = slice_skip(text, pasted.len);
	}
	if (is_known && !copy.overflow)
		ascii = slice_copy(pool, buffer_slice(&copy));
	buffer_free(&copy);
	return ascii;
}
