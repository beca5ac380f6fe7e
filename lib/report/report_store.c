/*
 * report_store - opening the file, its tables, its texts; see report/report_store.h
 */
#include "report/report_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/pool.h"
#include "base/spool.h"

#define APPLICATION_ID "1634955644" /* what file(1) can tell it by */
#define MILLISECONDS   1000
#define UNDO_MEMORY    (4 << 20) /* octets */

/* What makes version N + 1 of version N. Never changed once released: a new step is added. */
static const char *const store_migrations[STORE_VERSION] = {
    "PRAGMA application_id = " APPLICATION_ID ";"
    "CREATE TABLE secret(id INTEGER PRIMARY KEY CHECK(id = 1), key BLOB NOT NULL);"
    "INSERT INTO secret VALUES(1, randomblob(16));"
    "CREATE TABLE text(id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);"
    "INSERT INTO text VALUES(0, '');"
    "CREATE TABLE report(id INTEGER PRIMARY KEY, key INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " org INTEGER NOT NULL, email TEXT NOT NULL, name TEXT NOT NULL, domain INTEGER NOT NULL,"
    " begin INTEGER NOT NULL, end INTEGER NOT NULL, day INTEGER NOT NULL,"
    " sender INTEGER NOT NULL, received INTEGER NOT NULL, content INTEGER NOT NULL,"
    " policy TEXT NOT NULL, generator TEXT NOT NULL, remark TEXT NOT NULL,"
    " missing INTEGER NOT NULL, incomplete INTEGER NOT NULL, repairs TEXT NOT NULL,"
    " rows INTEGER NOT NULL, messages INTEGER NOT NULL, passed INTEGER NOT NULL,"
    " quarantined INTEGER NOT NULL, rejected INTEGER NOT NULL, rejects INTEGER NOT NULL);"
    "CREATE INDEX report_key ON report(key);"
    "CREATE INDEX report_day ON report(kind, domain, day, org, sender, messages, passed,"
    " quarantined, rejected, received);"
    "CREATE TABLE record(report INTEGER NOT NULL, number INTEGER NOT NULL,"
    " domain INTEGER NOT NULL, day INTEGER NOT NULL, source INTEGER NOT NULL,"
    " class INTEGER NOT NULL, messages INTEGER NOT NULL, header_from INTEGER NOT NULL,"
    " envelope_from INTEGER NOT NULL, envelope_to INTEGER NOT NULL, results INTEGER NOT NULL,"
    " reasons INTEGER NOT NULL, PRIMARY KEY(report, number)) WITHOUT ROWID;"
    "CREATE INDEX record_source ON record(domain, source, results, class, reasons, day,"
    " messages);"
    "CREATE TABLE tls(report INTEGER NOT NULL, number INTEGER NOT NULL,"
    " domain INTEGER NOT NULL, day INTEGER NOT NULL, type INTEGER NOT NULL,"
    " good INTEGER NOT NULL, failed INTEGER NOT NULL, failures TEXT NOT NULL,"
    " PRIMARY KEY(report, number)) WITHOUT ROWID;"
    "CREATE TABLE failure(report INTEGER PRIMARY KEY, source INTEGER NOT NULL,"
    " cause INTEGER NOT NULL, delivery INTEGER NOT NULL, fields TEXT NOT NULL);"
    "CREATE TABLE reject(id INTEGER PRIMARY KEY, report INTEGER NOT NULL,"
    " received INTEGER NOT NULL, file TEXT NOT NULL, sender INTEGER NOT NULL,"
    " org TEXT NOT NULL, domain TEXT NOT NULL, reason TEXT NOT NULL, excerpt TEXT NOT NULL);"
    "CREATE INDEX reject_report ON reject(report);"
    "CREATE TABLE host(source INTEGER PRIMARY KEY, name TEXT NOT NULL, asked INTEGER NOT NULL);"
    "CREATE TABLE told(id INTEGER PRIMARY KEY CHECK(id = 1), state TEXT NOT NULL,"
    " time INTEGER NOT NULL);",
};

bool store_failed(const struct report_store *store, struct error *error)
{
	return error_set(error, STATUS_OTHER, "%s: %s", store->path,
			 sqlite3_errmsg(store->database));
}

bool store_run(struct report_store *store, const char *statements, struct error *error)
{
	return sqlite3_exec(store->database, statements, NULL, NULL, NULL) == SQLITE_OK ||
	       store_failed(store, error);
}

sqlite3_stmt *store_statement(struct report_store *store, unsigned number, const char *text,
			      struct error *error)
{
	sqlite3_stmt **statement = &store->statements[number];

	if (*statement == NULL &&
	    sqlite3_prepare_v3(store->database, text, -1, SQLITE_PREPARE_PERSISTENT, statement,
			       NULL) != SQLITE_OK)
		store_failed(store, error);
	return *statement;
}

bool store_step(struct report_store *store, sqlite3_stmt *statement, struct error *error)
{
	bool good = sqlite3_step(statement) == SQLITE_DONE || store_failed(store, error);

	sqlite3_reset(statement);
	return good;
}

uint64_t store_hash(const struct report_store *store, struct slice text)
{
	return siphash(store->key, text);
}

/* number_of_query - one number that a query gives; false with an error */
static bool number_of_query(struct report_store *store, const char *query, sqlite3_int64 *number,
			    struct error *error)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(store->database, query, -1, &statement, NULL) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_ROW;

	if (good)
		*number = sqlite3_column_int64(statement, 0);
	else
		store_failed(store, error);
	sqlite3_finalize(statement);
	return good;
}

/* migrate_store - one step, in full or not at all */
static bool migrate_store(struct report_store *store, sqlite3_int64 version, struct error *error)
{
	const char *text = pool_printf(store->pool, "%s PRAGMA user_version = %lld;",
				       store_migrations[version], (long long)version + 1);

	if (store_run(store, text, error))
		return true;
	sqlite3_exec(store->database, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

/* update_store - makes the tables, or refuses a file of somebody else */
static bool update_store(struct report_store *store, bool create, struct error *error)
{
	sqlite3_int64 version, tables;

	if (!number_of_query(store, "PRAGMA user_version", &version, error) ||
	    !number_of_query(store, "SELECT count(*) FROM sqlite_master", &tables, error))
		return false;
	if (version == STORE_VERSION)
		return true;
	if (version > STORE_VERSION)
		return error_set(error, STATUS_CONFIG,
				 "%s: the file is of version %lld, this program knows %d",
				 store->path, (long long)version, STORE_VERSION);
	if (version == 0 && tables > 0)
		return error_set(error, STATUS_CONFIG, "%s is the database of something else",
				 store->path);
	if (!create)
		return error_set(error, STATUS_CONFIG, "there is no store at %s", store->path);
	if (!store_run(store, "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE", error) ||
	    !number_of_query(store, "PRAGMA user_version", &version, error))
		return false;
	while (version < STORE_VERSION && migrate_store(store, version, error))
		version++;
	return version == STORE_VERSION && store_run(store, "COMMIT", error);
}

/* is_store - a file that dmarceval writes is none */
static bool is_store(struct report_store *store, struct error *error)
{
	sqlite3_int64 id;

	if (!number_of_query(store, "PRAGMA application_id", &id, error))
		return false;
	return id == atoll(APPLICATION_ID) ||
	       error_set(error, STATUS_CONFIG, "%s is no store of reports but another database",
			 store->path);
}

/* read_key - of the hashes */
static bool read_key(struct report_store *store, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	bool good = sqlite3_prepare_v2(store->database, "SELECT key FROM secret", -1, &statement,
				       NULL) == SQLITE_OK &&
		    sqlite3_step(statement) == SQLITE_ROW &&
		    sqlite3_column_bytes(statement, 0) == SIPHASH_KEY_LEN;

	if (good)
		memcpy(store->key, sqlite3_column_blob(statement, 0), SIPHASH_KEY_LEN);
	else
		error_set(error, STATUS_OTHER, "%s: it is damaged", store->path);
	sqlite3_finalize(statement);
	return good;
}

/* prepare_file - so that nobody else can read a new one */
static bool prepare_file(const char *path, bool create, struct error *error)
{
	int fd;

	if (access(path, F_OK) == 0)
		return true;
	if (!create)
		return error_set(error, STATUS_CONFIG, "there is no store at %s: %s", path,
				 strerror(errno));
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return error_set(error, STATUS_OTHER, "cannot make the store %s: %s", path,
				 strerror(errno));
	close(fd);
	return true;
}

/* open_file - and its settings */
static bool open_file(struct report_store *store, bool create, struct error *error)
{
	const char *path = store->path;
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;

	/* What can be undone is kept in memory up to here, not in a file from 64 KiB on: 15 writes
	   for each report. A failure means that sqlite is in use already; it works anyway. */
	sqlite3_config(SQLITE_CONFIG_STMTJRNL_SPILL, UNDO_MEMORY);
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* statistics that nobody reads */
	/* sqlite's own choice is /var/tmp, where the sandbox does not let it */
	setenv("SQLITE_TMPDIR", spool_directory(), 1);
	if (*path != '/')
		path = pool_printf(store->pool, "./%s", path); /* "file:" is special to sqlite */
	if (sqlite3_open_v2(path, &store->database, flags, NULL) != SQLITE_OK)
		return store_failed(store, error);
	sqlite3_busy_timeout(store->database, (int)(STORE_PATIENCE * MILLISECONDS));
	/* FULL: what has been said to be stored is there even after a loss of power. */
	return update_store(store, create, error) && is_store(store, error) &&
	       read_key(store, error) && store_run(store, "PRAGMA synchronous = FULL", error);
}

struct report_store *report_store_open(struct pool *pool, const char *path, bool create,
				       struct error *error)
{
	struct report_store *store = pool_alloc(pool, sizeof(*store));

	store->pool = pool;
	store->path = path;
	if (prepare_file(path, create, error) && open_file(store, create, error))
		return store;
	report_store_close(store);
	return NULL;
}

void report_store_close(struct report_store *store)
{
	if (store == NULL)
		return;
	for (unsigned i = 0; i < STORE_STATEMENTS; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->database);
	store->database = NULL;
}

enum {
	FIND_TEXT,
	ADD_TEXT,
};

/* find_text - its number; 0 if it is new */
static bool find_text(struct report_store *store, struct slice text, sqlite3_int64 *id,
		      struct error *error)
{
	sqlite3_stmt *statement =
	    store_statement(store, FIND_TEXT, "SELECT id FROM text WHERE value = ?", error);
	int status;

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, text.data, (int)text.len, SQLITE_STATIC);
	status = sqlite3_step(statement);
	*id = status == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	return status == SQLITE_ROW || status == SQLITE_DONE || store_failed(store, error);
}

/* add_store_text - a new one */
static bool add_store_text(struct report_store *store, struct slice text, sqlite3_int64 *id,
			   struct error *error)
{
	sqlite3_stmt *statement =
	    store_statement(store, ADD_TEXT, "INSERT INTO text(value) VALUES(?)", error);

	if (statement == NULL)
		return false;
	sqlite3_bind_text(statement, 1, text.data, (int)text.len, SQLITE_STATIC);
	if (!store_step(store, statement, error))
		return false;
	*id = sqlite3_last_insert_rowid(store->database);
	return true;
}

bool store_text(struct report_store *store, struct slice text, sqlite3_int64 *id,
		struct error *error)
{
	uint64_t hash = store_hash(store, text);
	struct store_cached *cached = &store->cache[hash % STORE_CACHE];

	*id = 0;
	if (text.len == 0)
		return true;
	if (cached->hash == hash && cached->id != 0) {
		*id = cached->id;
		return true;
	}
	if (!find_text(store, text, id, error) ||
	    (*id == 0 && !add_store_text(store, text, id, error)))
		return false;
	*cached = (struct store_cached){hash, *id};
	return true;
}
