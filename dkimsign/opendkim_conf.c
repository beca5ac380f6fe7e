/*
 * opendkim_conf - the settings of opendkim.conf(5); see opendkim_conf.h
 */
#include "opendkim_conf.h"

#include <string.h>

#include "base/ascii.h"
#include "base/config_file.h"
#include "base/pool.h"

/* What has become of some settings, by name. Names are those of opendkim.conf(5) of OpenDKIM 2.11.
 */
static const struct {
	const char *names; /* separated by blanks */
	enum opendkim_fate fate;
	const char *text;
} fates[] = {
    {"Domain Selector KeyFile SubDomains KeyTable SigningTable MultipleSignatures BaseDirectory",
     OPENDKIM_CARRIED, "in the tables"},
    {"InternalHosts", OPENDKIM_CARRIED, "in the list of internal hosts"},
    {"Canonicalization SignHeaders OmitHeaders OversignHeaders SignatureTTL Diagnostics Include",
     OPENDKIM_CARRIED, "in the options of dkimsign"},
    {"AuthservID MinimumKeyBits MaximumSignaturesToVerify DNSTimeout", OPENDKIM_CARRIED,
     "in the options of dkimverify"},
    {"AutoRestart AutoRestartCount AutoRestartRate Background ChangeRootDirectory PidFile Socket "
     "SoftStart UMask UserID EnableCoredumps DisableCryptoInit MilterDebug MTA MacroList "
     "SenderMacro MTACommand",
     OPENDKIM_MOOT, "Postfix starts assay, and master.cf says as which user"},
    {"AllowSHA1Only DomainKeysCompat WeakSyntaxChecks BogusKey UnprotectedKey DNSConnect "
     "QueryCache StrictTestMode TestDNSData TestPublicKeys NoHeaderB KeepTemporaryFiles "
     "CaptureUnknownErrors LogWhy LogResults Syslog SyslogFacility SyslogName SyslogSuccess",
     OPENDKIM_MOOT, "RFC 6376, RFC 8301 and the log lines of assay leave nothing to choose"},
    {"Minimum", OPENDKIM_MOOT, "a signature that leaves a part of the body out does not pass"},
    {"RequireSafeKeys", OPENDKIM_MOOT, "key files that others can read or write are never used"},
    {"TemporaryDirectory DiagnosticDirectory", OPENDKIM_BY_HAND, "set TMPDIR in master.cf"},
    {"ExternalIgnoreList", OPENDKIM_MOOT,
     "it only keeps the log quiet; dkimsign says nothing about hosts that are not internal"},
    {"Mode", OPENDKIM_BY_HAND, "dkimsign signs and dkimverify verifies: set up what you want"},
    {"PeerList ExemptDomains", OPENDKIM_BY_HAND,
     "leave such mail out in master.cf, or give dmarceval --ignore-hosts"},
    {"AlwaysAddARHeader", OPENDKIM_MOOT, "unsigned mail gets dkim=none always"},
    {"RemoveARAll RemoveARFrom KeepAuthResults", OPENDKIM_MOOT,
     "results that pretend to be ours are removed always, others never"},
    {"On-BadSignature On-Default On-DNSError On-InternalError On-KeyNotFound On-NoSignature "
     "On-Security On-SignatureError Quarantine MustBeSigned",
     OPENDKIM_BY_HAND,
     "a signature alone is no ground for rejecting: dmarceval decides by the author's policy"},
    {"SignatureAlgorithm", OPENDKIM_MOOT, "the key decides: rsa-sha256 or ed25519-sha256"},
    {"Nameservers ResolverConfiguration TrustAnchorFile ResolverTracing", OPENDKIM_BY_HAND,
     "the name servers are those of /etc/resolv.conf: let a validating resolver be there"},
    {"ClockDrift", OPENDKIM_MOOT, "signatures are judged by the clock of this host"},
    {"RequiredHeaders IgnoreMalformedMail StrictHeaders MaximumHeaders", OPENDKIM_MOOT,
     "mail that is badly made is judged and passes"},
    {"FixCRLF", OPENDKIM_MOOT, "messages leave as they are, and bare CRs are warned of"},
    {"RemoveOldSignatures ReplaceHeaders ReplaceRules IdentityHeader IdentityHeaderRemove "
     "SoftwareHeader VBR-Certifiers VBR-PurgeFields VBR-TrustedCertifiers "
     "VBR-TrustedCertifiersOnly VBR-Type",
     OPENDKIM_LACKING, "dkimsign adds its field and changes nothing else"},
    {"BodyLengthDB MaximumSignedBytes", OPENDKIM_LACKING,
     "dkimsign never leaves a part of a body unsigned (l=): anybody could replace it"},
    {"SenderHeaders SelectCanonicalizationHeader", OPENDKIM_LACKING,
     "the author in From decides, as for DMARC"},
    {"ResignAll ResignMailTo", OPENDKIM_BY_HAND, "a list server signs with --resign-lists"},
    {"DontSignMailTo TrustSignaturesFrom POPDBFile RedirectFailuresTo AuthservIDWithJobID",
     OPENDKIM_LACKING, "there is no such rule"},
    {"ReportAddress ReportBccAddress RequestReports SendReports SMTPURI", OPENDKIM_BY_HAND,
     "dmarcreport sends reports to the domains that want them"},
    {"Statistics StatisticsName StatisticsPolicyScript StatisticsPrefix", OPENDKIM_BY_HAND,
     "dmarceval --db keeps a history"},
    {"FinalPolicyScript ScreenPolicyScript SetupPolicyScript", OPENDKIM_LACKING,
     "there are no scripts in Lua"},
    {"LDAPAuthMechanism LDAPAuthName LDAPAuthRealm LDAPAuthUser LDAPBindPassword LDAPBindUser "
     "LDAPDisableCache LDAPKeepaliveIdle LDAPKeepaliveInterval LDAPKeepaliveProbes LDAPTimeout "
     "LDAPUseTLS",
     OPENDKIM_LACKING, "tables are files; export them"},
};

/* Reading, with how deep in included files it is. */
struct conf_reader {
	struct pool *pool;
	struct opendkim_conf *conf;
	struct error *error;
};

static bool read_conf_file(struct conf_reader *reader, const char *path, unsigned depth);

/* known_name - the name as opendkim.conf(5) spells it; NULL if it has none */
static const char *known_name(struct pool *pool, struct slice name, size_t *row)
{
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		struct slice rest = slice_of(fates[i].names);
		struct slice known;

		while (config_file_word(&rest, &known)) {
			if (slice_equal_nocase(known, name)) {
				*row = i;
				return slice_copy(pool, known);
			}
		}
	}
	return NULL;
}

enum opendkim_fate opendkim_conf_fate(const char *name, const char **text)
{
	struct pool *pool = pool_new();
	size_t row;
	bool known = known_name(pool, slice_of(name), &row) != NULL;

	pool_free(pool);
	*text = known ? fates[row].text : "opendkim.conf(5) has no such setting";
	return known ? fates[row].fate : OPENDKIM_LACKING;
}

/* take_setting - one line: a name and the rest of it */
static bool take_setting(struct conf_reader *reader, const struct config_file *file,
			 struct slice line, unsigned depth)
{
	struct opendkim_conf *conf = reader->conf;
	struct opendkim_setting setting = {.file = file->path, .line = file->line};
	struct slice name;
	size_t row;

	config_file_word(&line, &name);
	setting.value = slice_copy(reader->pool, slice_trim(line));
	setting.name = known_name(reader->pool, name, &row);
	if (setting.name == NULL)
		setting.name = slice_copy(reader->pool, name);
	conf->settings = pool_grow(reader->pool, conf->settings, conf->count, sizeof(setting));
	conf->settings[conf->count++] = setting;
	if (!slice_is_nocase(name, "Include"))
		return true;
	if (depth == OPENDKIM_INCLUDE_MAX)
		return config_file_error(file->path, file->line, reader->error,
					 "files are included more than %d levels deep",
					 OPENDKIM_INCLUDE_MAX);
	return read_conf_file(reader, setting.value, depth + 1);
}

static bool read_conf_file(struct conf_reader *reader, const char *path, unsigned depth)
{
	struct config_file file;
	struct slice line;

	if (!config_file_read(reader->pool, path, &file, reader->error))
		return false;
	while (config_file_next(&file, &line)) {
		if (!take_setting(reader, &file, line, depth))
			return false;
	}
	return true;
}

bool opendkim_conf_read(struct pool *pool, const char *path, struct opendkim_conf *conf,
			struct error *error)
{
	struct conf_reader reader = {.pool = pool, .conf = conf, .error = error};

	*conf = (struct opendkim_conf){.count = 0};
	return read_conf_file(&reader, path, 0);
}

const char *opendkim_conf_value(const struct opendkim_conf *conf, const char *name)
{
	for (size_t i = conf->count; i-- > 0;) {
		if (slice_is_nocase(slice_of(conf->settings[i].name), name))
			return conf->settings[i].value;
	}
	return NULL;
}

bool opendkim_conf_is_true(const struct opendkim_conf *conf, const char *name)
{
	const char *value = opendkim_conf_value(conf, name);

	return value != NULL && is_any_of(value[0], "TtYy1");
}

/* add_item - one more */
static void add_item(struct pool *pool, struct slice text, size_t *count, const char ***items)
{
	if (slice_trim(text).len == 0)
		return;
	*items = pool_grow(pool, *items, *count, sizeof(**items));
	(*items)[(*count)++] = slice_copy(pool, slice_trim(text));
}

bool opendkim_conf_items(struct pool *pool, const char *value, size_t *count, const char ***items,
			 struct error *error)
{
	struct slice rest = slice_of(value);
	bool is_list = slice_starts_nocase(rest, "csl:");
	struct config_file file;
	struct slice part;

	*count = 0;
	*items = NULL;
	if (is_list)
		rest = slice_skip(rest, strlen("csl:"));
	else if (!config_file_name(&value, NULL, error))
		return false;
	if (is_list || (value[0] != '/' && value == rest.data)) {
		while (slice_cut(&rest, ',', &part))
			add_item(pool, part, count, items);
		return true;
	}
	if (!config_file_read(pool, value, &file, error))
		return false;
	while (config_file_next(&file, &part)) {
		config_file_word(&part, &rest);
		add_item(pool, rest, count, items);
	}
	return true;
}
