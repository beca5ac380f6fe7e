/*
 * page_style - the style sheet; see report/page_style.h
 */
#include "report/page_style.h"

#include <stddef.h>

#define STYLE_HASH "sha256-UT/FveYJabQWzqZr0kx1h2j07qI6ZoAvkY3AoHxc//0="

static const char style_colours[] =
    ":root{color-scheme:light dark;--paper:#fbfaf7;--card:#fff;--ink:#1d1c1a;--soft:#5b5852;"
    "--line:#d9d5cc;--pass:#0b6e5f;--fail:#b3261e;--fail-soft:#fbe9e7;--pass-soft:#e3f1ee;"
    "--warn:#7a4b00;--warn-soft:#fbf0dc;--link:#0b5f8a;--bar:#0b6e5f}"
    "@media(prefers-color-scheme:dark){:root{--paper:#16181b;--card:#1e2125;--ink:#ecebe8;"
    "--soft:#b3afa7;--line:#3a3e44;--pass:#63cdb9;--fail:#ff9a8f;--fail-soft:#3a2322;"
    "--pass-soft:#1b3631;--warn:#f2c46d;--warn-soft:#362c19;--link:#8ecbf0;--bar:#2f9e8a}}";

static const char style_text[] =
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,"
    "-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}"
    "main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.25rem}"
    "header{padding-top:2.5rem}"
    "h1{font-size:1.9rem;line-height:1.2;margin:0 0 .3rem;letter-spacing:-.02em}"
    "h2{font-size:1.3rem;margin:2.75rem 0 .6rem;letter-spacing:-.01em}"
    "h3{font-size:1.05rem;margin:1.6rem 0 .4rem}"
    "p{margin:.4rem 0;max-width:52rem}"
    ".soft{color:var(--soft)}"
    "a{color:var(--link)}"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px}"
    ".skip{position:absolute;left:-99rem}"
    ".skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem}"
    "code{font:.92em/1.5 ui-monospace,'SF Mono',Menlo,Consolas,monospace;overflow-wrap:anywhere}"
    "footer{padding-top:2rem;padding-bottom:3rem;color:var(--soft);font-size:.9rem}";

static const char style_blocks[] =
    ".tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.9rem;"
    "margin:1.5rem 0 0;padding:0}"
    ".tile{background:var(--card);border:1px solid var(--line);border-radius:.8rem;"
    "padding:.9rem 1.1rem;margin:0;display:flex;flex-direction:column-reverse;"
    "justify-content:flex-end}"
    ".tile dt{color:var(--soft);font-size:.9rem}"
    ".tile dd{margin:0;font-size:1.7rem;font-weight:650;line-height:1.25;"
    "font-variant-numeric:tabular-nums}"
    ".card{background:var(--card);border:1px solid var(--line);border-left-width:.4rem;"
    "border-radius:.8rem;padding:.9rem 1.2rem;margin:.8rem 0}"
    ".card h3{margin:0 0 .2rem;overflow-wrap:anywhere}"
    ".go{border-left-color:var(--pass)}.stop{border-left-color:var(--fail)}"
    ".wait{border-left-color:var(--warn)}"
    ".tag{display:inline-block;font-size:.85rem;font-weight:600;border-radius:1rem;"
    "padding:.05rem .7rem;margin-left:.4rem;white-space:nowrap;vertical-align:.1em}"
    ".go .tag,.ours{background:var(--pass-soft);color:var(--pass)}"
    ".stop .tag,.bad{background:var(--fail-soft);color:var(--fail)}"
    ".wait .tag{background:var(--warn-soft);color:var(--warn)}"
    ".publish{display:block;background:var(--paper);border:1px solid var(--line);"
    "border-radius:.5rem;padding:.5rem .8rem;margin:.5rem 0}"
    "figure{margin:1rem 0;background:var(--card);border:1px solid var(--line);"
    "border-radius:.8rem;padding:1rem 1.2rem}"
    "figcaption{font-weight:600;margin-bottom:.6rem}"
    ".plot{display:grid;grid-template-columns:minmax(3.2rem,auto) 1fr;gap:.2rem .6rem}"
    ".plot svg{display:block;width:100%;height:11rem;border-bottom:1px solid var(--soft)}"
    ".plot .low{height:6rem}"
    ".axis{display:flex;justify-content:space-between;color:var(--soft);font-size:.85rem;"
    "font-variant-numeric:tabular-nums}"
    ".up{flex-direction:column;text-align:right}"
    ".under{grid-column:2}"
    ".p{fill:var(--bar)}.f{fill:var(--fail)}"
    ".rate{fill:none;stroke:var(--bar);stroke-width:2.5;vector-effect:non-scaling-stroke}"
    ".grid{stroke:var(--line);vector-effect:non-scaling-stroke}"
    ".key{display:flex;gap:1.4rem;flex-wrap:wrap;margin:.7rem 0 0;font-size:.9rem;padding:0;"
    "list-style:none}"
    ".key svg{width:1rem;height:.8rem;margin-right:.4rem;vertical-align:-.05rem}";

static const char style_tables[] =
    ".scroll{overflow-x:auto;background:var(--card);border:1px solid var(--line);"
    "border-radius:.8rem}"
    "table{border-collapse:collapse;width:100%;font-size:.95rem}"
    "caption{text-align:left;padding:.7rem 1rem 0;color:var(--soft);font-size:.9rem}"
    "th,td{padding:.5rem 1rem;text-align:left;vertical-align:top;"
    "border-bottom:1px solid var(--line)}"
    "tbody tr:last-child>*{border-bottom:0}"
    "thead th{font-size:.85rem;color:var(--soft);white-space:nowrap}"
    "tbody th{font-weight:600}.as{display:block;color:var(--soft);font-weight:400}"
    ".narrow{display:none}.note{margin-top:1rem}"
    ".n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".w{overflow-wrap:anywhere;min-width:9rem}"
    ".red{color:var(--fail);font-weight:650}"
    ".share{width:6rem;height:.6rem;display:block;border-radius:.3rem;margin-top:.45rem}"
    ".share rect:first-child{fill:var(--line)}"
    "summary{cursor:pointer;padding:.4rem 0;color:var(--link)}"
    "@media(max-width:58rem){.mid{display:none}}"
    "@media(max-width:40rem){.wide{display:none}.narrow{display:block}th,td{padding:.45rem .6rem}"
    "h1{font-size:1.5rem}.tile dd{font-size:1.35rem}.tiles{grid-template-columns:1fr 1fr}"
    ".w{min-width:6rem}}"
    "@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;"
    "--pass:#0b6e5f;--fail:#b3261e;--bar:#0b6e5f}body{font-size:10pt}.scroll{overflow:visible}"
    ".card,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.skip,nav{display:none}"
    "main,header,footer{max-width:none;padding:0}*{print-color-adjust:exact}}";

static const char *const style_parts[] = {style_colours, style_text, style_blocks, style_tables};

const char *page_style_part(unsigned number)
{
	return number < sizeof(style_parts) / sizeof(style_parts[0]) ? style_parts[number] : NULL;
}

const char *page_style_hash(void)
{
	return STYLE_HASH;
}
