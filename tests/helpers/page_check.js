// What accessibility rules (axe-core), the console and the network say of pages, in three widths and both
// colour schemes; needs playwright-core and axe-core in NODE_PATH, and /usr/bin/chromium.
// usage: page_check.js PAGE...
const { chromium } = require('playwright-core');
const fs = require('fs');
(async () => {
  const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  let bad = 0;
  for (const file of process.argv.slice(2)) for (const scheme of ['light', 'dark']) for (const width of [390, 820, 1280]) {
    const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 }, bypassCSP: false });
    const page = await context.newPage();
    const said = [], asked = [];
    page.on('console', m => said.push(m.text()));
    page.on('pageerror', e => said.push(String(e)));
    page.on('request', r => { if (!r.url().startsWith('file://' + file)) asked.push(r.url()); });
    await page.goto('file://' + file);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    const strange = await page.evaluate(() => [...new Set([...document.querySelectorAll('*')].map(e => e.localName))].filter(n => !'html head meta title style body a header h1 h2 h3 p main dl div dt dd section span bdi code figure figcaption svg path rect ul li details summary table thead tbody tr th td br footer'.split(' ').includes(n)));
    await page.screenshot({ path: file.replace(/\.html$/, '') + '-' + scheme + '-' + width + '.png', fullPage: false });
    const other = await browser.newContext({ colorScheme: scheme, viewport: { width, height: 900 }, bypassCSP: true });
    const tested = await other.newPage();
    await tested.goto('file://' + file);
    await tested.evaluate(axe);
    const result = await tested.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
    console.log(file, scheme, width, 'violations', result.violations.length, 'passes', result.passes.length, 'console', said.length, 'requests', asked.length, 'strange elements', strange.join(' ') || 0, 'wider than the screen', overflow);
    for (const v of result.violations) console.log('  ', v.id, v.nodes.length, v.help, v.nodes[0].html.slice(0, 120));
    said.forEach(s => console.log('  console:', s)); asked.forEach(s => console.log('  request:', s));
    bad += result.violations.length + said.length + asked.length + strange.length + overflow;
    await context.close(); await other.close();
  }
  await browser.close();
  process.exit(bad ? 1 : 0);
})();
