import { chromium } from 'playwright-core';

const flags = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost',
];
const b = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
const [, , base, scheme = 'light', w = '1280', h = '860', ...paths] = process.argv;
const c = await b.newContext({ viewport: { width: +w, height: +h }, colorScheme: scheme });
const p = await c.newPage();
p.on('console', (m) => {
  if (['error', 'warning'].includes(m.type())) console.log(m.type(), m.text().slice(0, 400));
});
p.on('pageerror', (e) => console.log('PAGEERROR', e.message));
for (const path of paths) {
  await p.goto(base + path);
  await p.waitForTimeout(2500);
  const n = `/tmp/shots/${path.replace(/\W+/g, '_') || '_'}-${scheme}-${w}.png`;
  await p.screenshot({ path: n });
  console.log(n);
}
await b.close();
