/*
 * abnf - skippers for the grammar rules that mail RFCs share; see mail/abnf.h
 *
 * RFC 5234 B.1, RFC 5322 3.2 with the obsolete forms of 4.1, RFC 6532 3.2,
 * RFC 2045 5.1, RFC 6376 3.2, RFC 5321 4.1.2, RFC 3629 section 4.
 *
 * Stricter than section 4.1 in one point: NUL, CR and LF never count as
 * content, not even after a backslash. No sender needs them, and programs that
 * disagree about where such a text ends are how a From field is forged.
 */
#include "mail/abnf.h"

#include <string.h>

#include "base/pool.h"

/* One octet of a rule's content. */
typedef bool octet_class(char byte);

bool is_atext(char byte)
{
	return is_alnum(byte) || is_any_of(byte, "!#$%&'*+-/=?^_`{|}~");
}

/* is_obs_no_ws_ctl - RFC 5322 section 4.1: control characters other than NUL, TAB, LF and CR */
static bool is_obs_no_ws_ctl(char byte)
{
	return (byte >= 1 && byte <= 31 && !is_any_of(byte, "\t\r\n")) || byte == 127;
}

/* is_text - what comments, quoted strings and literals have in common */
static bool is_text(char byte)
{
	return is_vchar(byte) || is_obs_no_ws_ctl(byte);
}

static bool is_ctext(char byte)
{
	return is_text(byte) && !is_any_of(byte, "()\\");
}

static bool is_qtext(char byte)
{
	return is_text(byte) && !is_any_of(byte, "\"\\");
}

static bool is_dtext(char byte)
{
	return is_text(byte) && !is_any_of(byte, "[]\\");
}

static bool is_token_char(char byte)
{
	return is_vchar(byte) && !is_any_of(byte, "()<>@,;:\\\"/[]?=");
}

static bool is_ldh(char byte)
{
	return is_alnum(byte) || byte == '-';
}

/* skip_octets - any number of octets of one class */
static size_t skip_octets(struct slice s, octet_class *is_member)
{
	size_t len = 0;

	while (len < s.len && is_member(s.data[len]))
		len++;
	return len;
}

/* skip_char - one octet of the class, or one character beyond ASCII */
static size_t skip_char(struct slice s, octet_class *is_member)
{
	if (s.len > 0 && is_member(s.data[0]))
		return 1;
	return skip_utf8_tail(s);
}

/* skip_quoted_pair - a backslash and what it quotes */
static size_t skip_quoted_pair(struct slice s)
{
	size_t len;

	if (s.len < 2 || s.data[0] != '\\')
		return 0;
	if (is_wsp(s.data[1]))
		return 2;
	len = skip_char(slice_skip(s, 1), is_text);
	return len != 0 ? 1 + len : 0;
}

/* skip_content - one piece of a comment, a quoted string or a literal */
static size_t skip_content(struct slice s, octet_class *is_member)
{
	size_t len = skip_char(s, is_member);

	if (len == 0)
		len = skip_quoted_pair(s);
	return len != 0 ? len : skip_fws(s);
}

/* skip_delimited - content between two delimiters, not nested */
static size_t skip_delimited(struct slice s, char open, char close, octet_class *is_member)
{
	size_t at = 1;
	size_t len;

	if (s.len == 0 || s.data[0] != open)
		return 0;
	while ((len = skip_content(slice_skip(s, at), is_member)) != 0)
		at += len;
	return at < s.len && s.data[at] == close ? at + 1 : 0;
}

size_t skip_wsp(struct slice s)
{
	return skip_octets(s, is_wsp);
}

/* skip_line_end - CRLF, or the LF that stands for it in a file */
static size_t skip_line_end(struct slice s)
{
	if (s.len >= 2 && s.data[0] == '\r' && s.data[1] == '\n')
		return 2;
	return s.len >= 1 && s.data[0] == '\n' ? 1 : 0;
}

/* RFC 5322 erratum 1908: FWS with its obsolete form is 1*([CRLF] WSP). */
size_t skip_fws(struct slice s)
{
	size_t at = 0;
	size_t end;

	for (;;) {
		end = at + skip_line_end(slice_skip(s, at));
		if (end == s.len || !is_wsp(s.data[end]))
			return at;
		at = end + 1;
	}
}

size_t skip_comment(struct slice s)
{
	unsigned depth = 1;
	size_t at = 1;

	if (s.len == 0 || s.data[0] != '(')
		return 0;
	while (at < s.len && depth > 0 && depth <= ABNF_COMMENT_DEPTH_MAX) {
		size_t len = skip_content(slice_skip(s, at), is_ctext);

		if (len == 0) {
			if (s.data[at] != '(' && s.data[at] != ')')
				return 0;
			depth = s.data[at] == '(' ? depth + 1 : depth - 1;
			len = 1;
		}
		at += len;
	}
	return depth == 0 ? at : 0;
}

size_t skip_cfws(struct slice s)
{
	size_t at = 0;
	size_t len;

	do {
		len = skip_fws(slice_skip(s, at));
		len += skip_comment(slice_skip(s, at + len));
		at += len;
	} while (len != 0);
	return at;
}

size_t skip_atom(struct slice s)
{
	size_t at = 0;
	size_t len;

	while ((len = skip_char(slice_skip(s, at), is_atext)) != 0)
		at += len;
	return at;
}

size_t skip_dot_atom(struct slice s)
{
	size_t at = skip_atom(s);
	size_t len = at;

	while (len != 0 && at < s.len && s.data[at] == '.') {
		len = skip_atom(slice_skip(s, at + 1));
		at += len != 0 ? 1 + len : 0;
	}
	return at;
}

size_t skip_quoted_string(struct slice s)
{
	return skip_delimited(s, '"', '"', is_qtext);
}

size_t skip_domain_literal(struct slice s)
{
	return skip_delimited(s, '[', ']', is_dtext);
}

size_t skip_token(struct slice s)
{
	return skip_octets(s, is_token_char);
}

size_t skip_tag_name(struct slice s)
{
	size_t len = 0;

	if (s.len == 0 || !is_alpha(s.data[0]))
		return 0;
	while (len < s.len && (is_alnum(s.data[len]) || s.data[len] == '_'))
		len++;
	return len;
}

size_t skip_keyword(struct slice s)
{
	size_t len = skip_octets(s, is_ldh);

	while (len > 0 && s.data[len - 1] == '-')
		len--;
	return len;
}

void put_quoted_string(struct buffer *buffer, struct slice content)
{
	buffer_add_byte(buffer, '"');
	for (size_t i = 0; i < content.len; i++) {
		char byte = content.data[i];
		bool is_control = byte != ' ' && !is_vchar(byte) && (byte & '\x80') == 0;

		if (byte == '"' || byte == '\\')
			buffer_add_byte(buffer, '\\');
		buffer_add_byte(buffer, is_control ? '?' : byte);
	}
	buffer_add_byte(buffer, '"');
}

char *unquote(struct pool *pool, struct slice quoted, size_t *len)
{
	char *content = pool_alloc(pool, quoted.len + 1);
	size_t count = 0;

	for (size_t i = 1; i + 1 < quoted.len; i++) {
		if (quoted.data[i] == '\\' && i + 2 < quoted.len)
			i++;
		else if (quoted.data[i] == '\r' || quoted.data[i] == '\n')
			continue;
		content[count++] = quoted.data[i];
	}
	*len = count;
	return content;
}
