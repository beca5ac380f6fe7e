/*
 * page_style - how the page looks: light and dark, on a screen, a phone and paper
 *
 * Colours are from two palettes with a contrast of at least 4.5 to 1 for text and 3 to 1 for
 * what has a meaning (WCAG 2.2, 1.4.3 and 1.4.11); no meaning is in a colour alone (1.4.1).
 */
#ifndef ASSAY_REPORT_PAGE_STYLE_H
#define ASSAY_REPORT_PAGE_STYLE_H

/* The parts of the content of the element style, one after the other; NULL after the last one. */
const char *page_style_part(unsigned number);

/*
 * Its hash for the Content-Security-Policy, "sha256-..." in base64: no other style is
 * applied. tests/t/reports_page.t says what it has to be.
 */
const char *page_style_hash(void);

#endif
