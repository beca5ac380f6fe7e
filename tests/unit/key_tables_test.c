/*
 * key_tables_test - opendkim's KeyTable and SigningTable
 */
#include "dkim/key_tables.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/pool.h"
#include "tap.h"

static const char keys[] = "# keys\n"
			   "\n"
			   "one one.example:s1:/keys/one.private # the first\n"
			   "One-ed\tone.example:ed:./one-ed\r\n"
			   "two._domainkey.two.example two.example:s2.sub:/keys/two\n"
			   "shared %:mail:/keys/%/%.private\n"
			   "own.example %:own:../own";

/* file_of - the name of a new file with that text */
static const char *file_of(struct pool *pool, const char *text)
{
	char *path = pool_printf(pool, "/tmp/dkim_tables_test.XXXXXX");
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		ok(false, "cannot write %s", path);
	close(fd);
	return path;
}

/* read_tables - from texts; prefix is that of the signing table */
static struct dkim_tables *read_tables(struct pool *pool, const char *key_text, const char *prefix,
				       const char *signing_text, struct error *error)
{
	const char *key_path = file_of(pool, key_text);
	const char *signing_path = file_of(pool, signing_text);
	struct dkim_tables *tables = dkim_tables_read(
	    pool, key_path, pool_printf(pool, "%s%s", prefix, signing_path), error);

	unlink(key_path);
	unlink(signing_path);
	return tables;
}

/* chosen - "domain/selector/path[/identity] ..." for an author */
static const char *chosen(struct pool *pool, const struct dkim_tables *tables, const char *local,
			  const char *domain)
{
	struct address author = {.local = local, .domain = domain};
	struct dkim_table_choice *choices;
	const char *text = "";
	size_t count;

	dkim_tables_choose(pool, tables, &author, &choices, &count);
	for (size_t i = 0; i < count; i++)
		text = pool_printf(pool, "%s%s%s %s %s%s%s", text, i > 0 ? ", " : "",
				   choices[i].domain, choices[i].selector, choices[i].path,
				   choices[i].identity != NULL ? " " : "",
				   choices[i].identity != NULL ? choices[i].identity : "");
	return text;
}

static void test_plain(struct pool *pool)
{
	static const char signings[] = "* shared\n"
				       "bob@* one-ed\n"
				       ".one.example one-ed\n"
				       "one.example one\n"
				       "Alice@one.example two._domainkey.two.example\n"
				       "alice@.one.example one\n"
				       ".deep.one.example shared\n";
	struct error error;
	struct dkim_tables *tables = read_tables(pool, keys, "", signings, &error);

	if (!ok(tables != NULL, "a plain table"))
		return;
	is_number((long long)dkim_tables_key_count(tables), 5, "keys are counted");
	is_text(dkim_tables_key(tables, 1)->selector, "ed", "keys are in the order of the file");
	is_number((long long)dkim_tables_key(tables, 3)->line, 6, "and know their line");
	is_text(chosen(pool, tables, "alice", "one.example"), "two.example s2.sub /keys/two",
		"user@domain goes first, in any case");
	is_text(chosen(pool, tables, "bob", "one.example"), "one.example s1 /keys/one.private",
		"then the domain");
	is_text(chosen(pool, tables, "alice", "a.deep.one.example"),
		"one.example s1 /keys/one.private", "then user@.parent, before a nearer .parent");
	is_text(chosen(pool, tables, "bob", "a.deep.one.example"),
		"a.deep.one.example mail /keys/a.deep.one.example/a.deep.one.example.private",
		"then the nearest .parent");
	is_text(chosen(pool, tables, "bob", "x.one.example"), "one.example ed ./one-ed",
		"then the next .parent");
	is_text(chosen(pool, tables, "bob", "other.example"), "one.example ed ./one-ed",
		"then user@*");
	is_text(chosen(pool, tables, "carol", "other.example"),
		"other.example mail /keys/other.example/other.example.private",
		"then *, with the author's domain for each %%");
	is_text(chosen(pool, tables, "carol", "a/b.example"), "",
		"a domain with a slash does not become part of a file name");
}

static void test_patterns(struct pool *pool)
{
	static const char signings[] = "boss@two.example   two._domainkey.two.example:boss@%\n"
				       "*@one.example      one\n"
				       "*@ONE.example      one-ed:@one.example\n"
				       "*@own.example      %\n"
				       "*@*.example        shared\n"
				       "a*b*c@x.test       one\n";
	struct error error;
	struct dkim_tables *tables = read_tables(pool, keys, "refile:", signings, &error);

	if (!ok(tables != NULL, "a table of patterns"))
		return;
	is_text(chosen(pool, tables, "anna", "one.example"),
		"one.example s1 /keys/one.private, one.example ed ./one-ed @one.example",
		"all lines of the pattern that matches first");
	is_text(chosen(pool, tables, "Boss", "two.example"),
		"two.example s2.sub /keys/two boss@two.example", "an identity with %%");
	is_text(chosen(pool, tables, "x", "own.example"), "own.example own ../own",
		"%% as the name of the key");
	is_text(chosen(pool, tables, "x", "b.c.example"),
		"b.c.example mail /keys/b.c.example/b.c.example.private", "two asterisks");
	is_text(chosen(pool, tables, "a-bb-c", "x.test"), "one.example s1 /keys/one.private",
		"asterisks within a word");
	is_text(chosen(pool, tables, "a-c", "x.test"), "", "which must not leave a letter out");
	is_text(chosen(pool, tables, "xone", "sub.one.example.org"), "", "the end is anchored");
	tables = read_tables(pool, keys, "", signings, &error);
	ok(tables != NULL && strstr(chosen(pool, tables, "anna", "one.example"), "s1") != NULL,
	   "patterns are recognized without refile:");
	tables = read_tables(pool, keys, "",
			     "*@b\xc3\xbc"
			     "cher.example one",
			     &error);
	ok(tables != NULL &&
	       strstr(chosen(pool, tables, "x", "xn--bcher-kva.example"), "s1") != NULL,
	   "an international domain in a pattern");
	tables = read_tables(pool, keys, "", "*@own.example %\n*@absent.example %", &error);
	ok(tables != NULL, "%% as a key of the author's domain");
	if (tables != NULL)
		is_text(chosen(pool, tables, "x", "absent.example"), "",
			"which does not have to exist for every domain");
}

static void test_wrong(struct pool *pool)
{
	static const struct {
		const char *keys;
		const char *prefix;
		const char *signings;
		const char *wanted;
		const char *name;
	} cases[] = {
	    {"one a.example:s\n", "", "", ":1: ", "a key of two parts"},
	    {"\n# x\none\n", "", "", ":3: ", "a key without value"},
	    {"one a.example:s:/k more\n", "", "", ":1: ", "three words"},
	    {"one example:s:/k\n", "", "", ":1: the domain", "a domain of one label"},
	    {"one a_b/c.example:s:/k\n", "", "", ":1: the domain", "a domain with a slash"},
	    {"one a.example:s;:/k\n", "", "", ":1: the selector", "a selector with a semicolon"},
	    {"one a.example::/k\n", "", "", ":1: the selector", "no selector"},
	    {"one a.example:s:k\n", "", "", ":1: the file", "a file that does not begin with /"},
	    {"one a.example:s:/k\nTwo a.example:t:/k\nONE a.example:u:/k\n", "", "",
	     ":3: key one is already in line 1", "a key twice"},
	    {"one a.example:s:/k\n", "", "a.example one\nb.example two\n",
	     ":2: the key table has no key two", "a key that is not in the key table"},
	    {"one a.example:s:/k\n", "", "a.example\n", ":1: ", "a signing line of one word"},
	    {"one a.example:s:/k\n", "", "a.example one x\n", ":1: ", "of three words"},
	    {"one a.example:s:/k\n", "", "a.example one:b\n", ":1: the identity",
	     "an identity without @"},
	    {"one a.example:s:/k\n", "", "a@..b one\n", ":1: the first word", "no domain"},
	    {"one a.example:s:/k\n", "file:", "a.example one\n*@a.example one\n",
	     ":2: a pattern needs", "a pattern in a file that is said to be plain"},
	    {"one a.example:s:/k\n", "refile:", "*@a.example one\na.example one\n",
	     ":2: a pattern without", "a pattern that can match no address"},
	    {"one a.example:s:/k\n", "", "@a.example one\n", ":1: no author is called",
	     "a plain address without a user"},
	    {"one a.example:s:/k\n", "refile:", "*@b.example one\n@a.example one\n",
	     ":2: no author is called", "a pattern without a user"},
	    {"one a.example:s:/k\n", "refile:", "\"*@a.example\" one\n",
	     ":1: the pattern has quotes", "a pattern in quotes"},
	    {"one a.example:s:/k\n", "", "\"a.example\" one\n", ":1: the pattern has quotes",
	     "a domain in quotes"},
	    {"one a.example:s:/k\n", "refile:", "*@a.example. one\n", ":1: no author's domain ends",
	     "a pattern that ends in a dot"},
	    {"one a.example:s:/k\n", "refile:", "*@a.example, one\n",
	     ":1: no author's domain has \",", "a pattern with a comma"},
	    {"one a.example:s:/k\n", "refile:", "<*@a.example> one\n",
	     ":1: no author's domain has \">", "a pattern in angle brackets"},
	    {"one a.example:s:/k\n", "refile:", "user@ one\n", ":1: the first word has no domain",
	     "a pattern without a domain"},
	    {"one a.example:s:/k\n", "refile:", "\xef\xbb\xbf*@a.example one\n",
	     ":1: begins with a byte-order mark", "a byte-order mark"},
	    {"\xef\xbb\xbfone a.example:s:/k\n", "", "", ":1: begins with a byte-order mark",
	     "a byte-order mark in the key table"},
	    {"one a.example:s._domainkey:/k\n", "", "",
	     ":1: the selector of the key is no selector: leave", "a selector with _domainkey"},
	    {"one a.example:s:/k:rsa-sha1\n", "", "", ":1: nobody accepts", "an algorithm of old"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error error = {.text = ""};
		struct dkim_tables *tables =
		    read_tables(pool, cases[i].keys, cases[i].prefix, cases[i].signings, &error);

		ok(tables == NULL && strstr(error.text, cases[i].wanted) != NULL, "%s: %s",
		   cases[i].name, error.text);
	}
}

static void test_secret(struct pool *pool)
{
	struct error error = {.text = ""};
	struct dkim_tables *tables =
	    read_tables(pool, "one a.example:s:MIISECRETKEY\n", "", "", &error);

	ok(tables == NULL && strstr(error.text, "SECRET") == NULL,
	   "a key that stands in the table itself is not shown: %s", error.text);
	ok(dkim_tables_read(pool, "/nonexistent/keys", NULL, &error) == NULL &&
	       strstr(error.text, "/nonexistent/keys") != NULL,
	   "a table that is not there");
}

static void test_algorithm(struct pool *pool)
{
	struct error error = {.text = ""};
	struct dkim_tables *tables = read_tables(
	    pool,
	    "a a.example:s:/k:rsa-sha256\nb a.example:t:/k:Ed25519-SHA256\nc a.example:u:/k:x\n",
	    "", "", &error);

	ok(tables != NULL && dkim_tables_key_count(tables) == 3, "algorithms in a key table");
	if (tables == NULL)
		return;
	is_text(dkim_tables_key(tables, 0)->path, "/k",
		"rsa-sha256 is not in the name of the file");
	is_text(dkim_tables_key(tables, 1)->path, "/k", "nor is ed25519-sha256");
	is_text(dkim_tables_key(tables, 2)->path, "/k:x", "anything else is");
}

int main(void)
{
	struct pool *pool = pool_new();

	test_plain(pool);
	test_patterns(pool);
	test_wrong(pool);
	test_secret(pool);
	test_algorithm(pool);
	pool_free(pool);
	return done();
}
