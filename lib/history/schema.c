/*
 * schema - tables and migrations; see schema.h
 */
#include "history/schema.h"

#include <stddef.h>

#define APPLICATION_ID "1634955641" /* "assy": what file(1) can tell the history by */

/* What makes version N + 1 of version N. Never changed once released: a new step is added. */
static const char *const migrations[HISTORY_VERSION] = {
    "PRAGMA application_id = " APPLICATION_ID ";"
    "CREATE TABLE origin(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
    "INSERT INTO origin VALUES(1, lower(hex(randomblob(16))));"
    "CREATE TABLE policy(id INTEGER PRIMARY KEY, domain TEXT NOT NULL, record TEXT NOT NULL,"
    " UNIQUE(domain, record));"
    "CREATE TABLE messages(day INTEGER NOT NULL, policy INTEGER NOT NULL, source TEXT NOT NULL,"
    " header_from TEXT NOT NULL, envelope_from TEXT NOT NULL, spf_domain TEXT NOT NULL,"
    " spf_result TEXT NOT NULL, dkim TEXT NOT NULL, disposition TEXT NOT NULL,"
    " spf_aligned TEXT NOT NULL, dkim_aligned TEXT NOT NULL, reasons TEXT NOT NULL,"
    " origin INTEGER NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY(day, policy, source, header_from, envelope_from, spf_domain, spf_result, dkim,"
    " disposition, spf_aligned, dkim_aligned, reasons, origin)) WITHOUT ROWID;"
    "CREATE TABLE taken(file TEXT PRIMARY KEY, octets INTEGER NOT NULL) WITHOUT ROWID;",

    "CREATE TABLE report(id INTEGER PRIMARY KEY, day INTEGER NOT NULL, domain TEXT NOT NULL,"
    " record TEXT NOT NULL, name TEXT NOT NULL UNIQUE, submitter TEXT NOT NULL,"
    " created INTEGER NOT NULL, messages INTEGER NOT NULL, UNIQUE(day, domain, record));"
    "CREATE TABLE destination(report INTEGER NOT NULL, number INTEGER NOT NULL,"
    " uri TEXT NOT NULL, address TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL,"
    " next INTEGER NOT NULL, changed INTEGER NOT NULL, reason TEXT NOT NULL,"
    " PRIMARY KEY(report, number)) WITHOUT ROWID;"
    "CREATE INDEX destination_address ON destination(address, state, next);"
    "CREATE TABLE suppressed(address TEXT PRIMARY KEY, since INTEGER NOT NULL,"
    " reason TEXT NOT NULL) WITHOUT ROWID;",

    "CREATE TABLE site(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"
    "INSERT INTO site VALUES('key', lower(hex(randomblob(16))));"
    "CREATE TABLE member(domain TEXT PRIMARY KEY, organization TEXT NOT NULL) WITHOUT ROWID;"
    "CREATE TABLE quota(organization TEXT NOT NULL, day INTEGER NOT NULL, rows INTEGER NOT NULL,"
    " policies INTEGER NOT NULL, octets INTEGER NOT NULL, refused INTEGER NOT NULL,"
    " PRIMARY KEY(organization, day)) WITHOUT ROWID;"
    "INSERT INTO quota SELECT p.domain, m.day, count(*), count(DISTINCT p.id), 0, 0"
    " FROM messages AS m JOIN policy AS p ON p.id = m.policy GROUP BY p.domain, m.day;"
    "CREATE TABLE failure(day INTEGER NOT NULL, domain TEXT NOT NULL, source TEXT NOT NULL,"
    " record TEXT NOT NULL, organization TEXT NOT NULL, arrival INTEGER NOT NULL,"
    " details TEXT NOT NULL, fields TEXT NOT NULL, count INTEGER NOT NULL,"
    " PRIMARY KEY(day, domain, source)) WITHOUT ROWID;"
    "ALTER TABLE report RENAME TO report_2;"
    "CREATE TABLE report(id INTEGER PRIMARY KEY, day INTEGER NOT NULL, domain TEXT NOT NULL,"
    " record TEXT NOT NULL, source TEXT NOT NULL, organization TEXT NOT NULL,"
    " name TEXT NOT NULL UNIQUE, submitter TEXT NOT NULL, created INTEGER NOT NULL,"
    " messages INTEGER NOT NULL, copy TEXT NOT NULL);"
    "INSERT INTO report SELECT id, day, domain, record, '', domain, name, submitter, created,"
    " messages, '' FROM report_2;"
    "DROP TABLE report_2;"
    "CREATE INDEX report_day ON report(day, domain);"
    "CREATE INDEX report_organization ON report(organization, day);"
    "ALTER TABLE suppressed RENAME TO suppressed_2;"
    "CREATE TABLE suppressed(domain TEXT NOT NULL, address TEXT NOT NULL, since INTEGER NOT NULL,"
    " until INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(domain, address)) WITHOUT ROWID;"
    "INSERT INTO suppressed SELECT '', address, since, 0, reason FROM suppressed_2;"
    "DROP TABLE suppressed_2;"
    "CREATE TABLE bounced(domain TEXT NOT NULL, address TEXT NOT NULL, report TEXT NOT NULL,"
    " time INTEGER NOT NULL, PRIMARY KEY(domain, address, report, time)) WITHOUT ROWID;",

    ("ALTER TABLE policy ADD COLUMN wants_reports INTEGER"
     " GENERATED ALWAYS AS (instr(record, '; rua=') > 0) VIRTUAL;"),
};

/* run_sql - some statements; false with the database's own words */
static bool run_sql(sqlite3 *database, const char *statements, struct error *error)
{
	if (sqlite3_exec(database, statements, NULL, NULL, NULL) == SQLITE_OK)
		return true;
	return error_set(error, STATUS_OTHER, "%s", sqlite3_errmsg(database));
}

int history_schema_version(sqlite3 *database, struct error *error)
{
	sqlite3_stmt *statement;
	int version = -1;

	if (sqlite3_prepare_v2(database, "PRAGMA user_version", -1, &statement, NULL) ==
		SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	else
		error_set(error, STATUS_OTHER, "%s", sqlite3_errmsg(database));
	sqlite3_finalize(statement);
	return version;
}

/* migrate - one step, in full or not at all */
static bool migrate(sqlite3 *database, int version, struct error *error)
{
	char *statements = sqlite3_mprintf("BEGIN IMMEDIATE; %s PRAGMA user_version = %d; COMMIT",
					   migrations[version], version + 1);
	bool good = statements != NULL && run_sql(database, statements, error);

	if (statements == NULL)
		error_set(error, STATUS_OTHER, "out of memory");
	sqlite3_free(statements);
	if (!good)
		sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
	return good;
}

bool history_schema_update(sqlite3 *database, struct error *error)
{
	int version = history_schema_version(database, error);

	if (version < 0)
		return false;
	if (version > HISTORY_VERSION)
		return error_set(error, STATUS_CONFIG,
				 "the file is of version %d, this program knows %d", version,
				 HISTORY_VERSION);
	/* Pages that expire frees are given back to the file system bit by bit. */
	if (version == 0 &&
	    !run_sql(database, "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL",
		     error))
		return false;
	for (; version < HISTORY_VERSION; version++) {
		if (!migrate(database, version, error))
			return false;
	}
	return true;
}
