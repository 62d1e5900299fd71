import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { readyQueriesFolder } from '../../src/explorer.ts'
import { loadReadyQueries } from '../../src/platform/http/explorer/ready-queries.ts'
import { launchBrowser, type OpenPage, openPage, testInBrowser } from '../support/browser.ts'
import { startKitaab } from '../support/command.ts'
import { temporaryHomes } from '../support/homes.ts'

jest.setTimeout(90_000)

/** Those that everybody is offered; some are open from the start. */
const offered = loadReadyQueries(readyQueriesFolder).all.filter(({ role }) => role === null)
const tabs = offered.filter(({ isTab }) => isTab)
const homes = temporaryHomes()
const opened: OpenPage[] = []
/** An answer that a browser notes in its console by itself. */
let expectedStatus: number | null = null
let browser: Browser | null
let service: ReturnType<typeof startKitaab> | undefined
let link: string
let origin: string

beforeAll(async () => {
  browser = await launchBrowser()
  if (browser === null) return
  service = startKitaab(['serve'], {
    KITAAB_HOME: homes.newHome(),
    PORT: '0',
    DEMO: 'on',
    EXPLORER: 'on',
    CORS_ORIGINS: '',
    // These few people open the page more often than anybody would.
    VIEWER_POINTS_PER_MINUTE: '100000',
  })
  link = await printed(service, /signs in once: (\S+)/)
  origin = new URL(link).origin
})

afterEach(async () => {
  const noted = `the server responded with a status of ${expectedStatus} `
  expectedStatus = null
  for (const { context, offences } of opened.splice(0)) {
    await context.close()
    expect(offences.filter((offence) => !offence.includes(noted))).toEqual([])
  }
})

afterAll(async () => {
  await browser?.close()
  service?.child.kill('SIGTERM')
  await service?.outcome
  homes.removeAll()
})

testInBrowser('the printed link signs in, and shows the dashboard before anything is pressed', async () => {
  const page = await open(link)
  await page.getByText('Signed in as Leila Hassan').waitFor()
  expect(page.url()).toBe(`${origin}/`)
  const { data } = await shownAnswer(page)
  expect(data.me.user.dashboard.series[0].points).toHaveLength(30)
  expect(await page.title()).toContain('Kitaab')
})

testInBrowser('a link that was used shows the form and says why', async () => {
  expectedStatus = 410
  const page = await open(link)
  await page.getByText('This link was used already, or is from an earlier start.').waitFor()
  expect(await page.getByRole('textbox', { name: 'E-mail' }).isVisible()).toBe(true)
})

testInBrowser('each tab has its title in prose, and runs with one click: data and no error', async () => {
  const page = await openAs('Leila Hassan')
  const titles = page.locator('.graphiql-tab-button')
  expect(await titles.allTextContents()).toEqual(tabs.map(({ title }) => title))
  for (const [index, { title, name }] of tabs.entries()) {
    await titles.nth(index).click()
    await expectText(page, '.graphiql-query-editor', `# ${title}`)
    const { errors, data } = await run(page, name)
    expect({ title, errors }).toEqual({ title, errors: undefined })
    expect({ title, text: JSON.stringify(data) }).toEqual({
      title,
      text: expect.stringMatching(contentOf[name] ?? /^$/),
    })
    expect((await shownAnswer(page)).data).toEqual(data)
  }
  expect(await titles.allTextContents()).toEqual(tabs.map(({ title }) => title))
})

/** Something that the answer to each ready query shows of Leila's. */
const contentOf: Readonly<Record<string, RegExp>> = {
  MyDashboard: /"countTotal":"\d+.*"averageScore":"0\.\d+"/,
  MyDeedsAsATree: /"level":3,"name":"Witr","parent":\{"name":"Isha"\}/,
  HowFarMyMeritIs: /"state":"MET","ratio":1.*"state":"FAILED"/,
  AFriendsSharedBranch: /Maryam Siddiqui.*Written down by Leila after the call/,
  RecordTodaysPrayer: /"status":"(CREATED|UNCHANGED)".*"name":"Fajr"/,
  SearchMyBook: /"isMatch":true/,
}

testInBrowser('the list has all of them by topic; one that is no tab yet opens and answers', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const pane = page.locator('.ready-queries')
  expect(await pane.getByRole('heading', { level: 3 }).allTextContents()).toEqual([
    ...new Set(offered.map(({ topic }) => topic)),
  ])
  expect(await pane.locator('li').count()).toBe(offered.length)
  await pane.getByText('As a friend sees me').click()
  await expectText(page, '.graphiql-response', '"previewAccess"')
  await expectText(page, '.graphiql-response', '"Recitation"')
  expect(await page.locator('.graphiql-tab-button').count()).toBe(tabs.length + 1)
})

testInBrowser('a ready query that is opened before the last one answered runs, and keeps its answer', async () => {
  const page = await open(origin)
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  await page.route(`${origin}/graphql`, async (route) => {
    if (isAnswerTo(route.request(), 'MyDashboard')) await held
    await route.continue()
  })
  await page.getByRole('button', { name: 'Budi Santoso' }).click()
  await page.getByText('Signed in as Budi Santoso').waitFor()
  const late = page.waitForResponse((response) => isAnswerTo(response.request(), 'MyDashboard'))
  await page.locator('.ready-queries').getByText("A friend's shared branch").click()
  await expectText(page, '.graphiql-response', '"fullName": "Leila Hassan"')
  letGo()
  await (await late).finished()
  expect((await shownAnswer(page)).data.user.fullName).toBe('Leila Hassan')
})

testInBrowser('the list of ready queries opens a tab again that was closed, and runs it', async () => {
  const page = await openAs('Budi Santoso')
  await shownAnswer(page)
  await page.getByRole('button', { name: 'Close Tab' }).first().click()
  expect(await page.locator('.graphiql-tab-button').allTextContents()).not.toContain('My dashboard')
  const answered = page.waitForResponse((response) => isAnswerTo(response.request(), 'MyDashboard'))
  await page.locator('.ready-queries').getByText('My dashboard').click()
  expect((await (await answered).json()).errors).toBeUndefined()
  await page.locator('.graphiql-tab-button', { hasText: 'My dashboard' }).waitFor()
})

testInBrowser('a list is saved as CSV or JSON Lines, all of it; a tab without one offers nothing', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const menu = page.getByRole('button', { name: 'Download all rows of this list' })
  expect(await menu.count()).toBe(0)
  await page.locator('.ready-queries').getByText('How far my merit is').click()
  const saved = async (item: string) => {
    await menu.click()
    const downloading = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: item }).click()
    const download = await downloading
    return { name: download.suggestedFilename(), text: await readFile(await download.path(), 'utf8') }
  }
  const csv = await saved('Download CSV')
  expect(csv.name).toBe('HowFarMyMeritIs.csv')
  expect(csv.text).toMatch(/^title,deed\.name,deed\.unit,match,.*,progress\.state,/)
  const lines = await saved('Download JSON Lines')
  expect(lines.name).toBe('HowFarMyMeritIs.jsonl')
  expect(lines.text.trim().split('\n')).toHaveLength(csv.text.trim().split('\r\n').length - 1)
})

testInBrowser('why a list is not saved is shown where answers are', async () => {
  expectedStatus = 400
  const page = await openAs('Leila Hassan')
  await page.locator('.ready-queries').getByText('How far my merit is').click()
  await shownAnswer(page)
  await page.evaluate(`document.querySelector('.graphiql-query-editor .CodeMirror').CodeMirror.setValue(
    'query Both { me { merits { nodes { title } } targets { nodes { title } } } }')`)
  await page.getByRole('button', { name: 'Download all rows of this list' }).click()
  await page.getByRole('menuitem', { name: 'Download CSV' }).click()
  await expectText(page, '.graphiql-response', 'This document has 2 lists: `me.merits`, `me.targets`.')
})

testInBrowser('the docs show what the schema says about a field', async () => {
  const page = await openAs('Budi Santoso')
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.locator('.graphiql-doc-explorer-content').getByText('Query', { exact: true }).click()
  await page.getByText("The viewer's account: what only they see.").waitFor()
})

testInBrowser('signing out is said, and signing in takes the password', async () => {
  const page = await openAs('Budi Santoso')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out.').waitFor()
  expect(await page.evaluate('sessionStorage.getItem("kitaab:session")')).toBeNull()
  await fillIn(page, 'maryam@kitaab.example', 'not the password')
  await page.getByText('E-mail or password is wrong.').waitFor()
  await fillIn(page, 'maryam@kitaab.example', 'kitaab-demo-only')
  await page.getByText('Signed in as Maryam Siddiqui').waitFor()
})

testInBrowser('in the demo world one click makes somebody else of me, with queries of theirs', async () => {
  const page = await openAs('Leila Hassan')
  await page.getByRole('button', { name: 'Budi', exact: true }).click()
  await page.getByText('Signed in as Budi Santoso').waitFor()
  await page.locator('.ready-queries').getByText("A friend's shared branch").click()
  await expectText(page, '.graphiql-response', '"fullName": "Leila Hassan"')
})

testInBrowser('whoever comes after somebody finds nothing of what they ran', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const kept = JSON.stringify({ queries: [{ query: 'query OfLeila { me { id } }', variables: '{}' }] })
  const where = ['sessionStorage', 'localStorage']
  for (const storage of where)
    for (const name of ['queries', 'favorites'])
      await page.evaluate(`${storage}.setItem('graphiql:${name}', ${JSON.stringify(kept)})`)
  await page.getByRole('button', { name: 'Budi', exact: true }).click()
  await page.getByText('Signed in as Budi Santoso').waitFor()
  await shownAnswer(page)
  await page.getByRole('button', { name: 'Show History' }).click()
  await page.locator('.graphiql-history-item-label', { hasText: 'MyDashboard' }).first().waitFor()
  expect(await page.getByText('OfLeila').count()).toBe(0)
  for (const storage of where) expect(await page.evaluate(`JSON.stringify(${storage})`)).not.toContain('OfLeila')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByText('You are signed out.').waitFor()
  for (const storage of where) expect(await page.evaluate(`JSON.stringify(${storage})`)).not.toContain('MyDashboard')
})

testInBrowser('who serves the others is offered queries of their own', async () => {
  const page = await openAs('Leila Hassan')
  expect(await page.getByText('Inbox of support').count()).toBe(0)
  await page.getByRole('button', { name: 'Sara', exact: true }).click()
  await page.getByText('Signed in as Sara Haddad').waitFor()
  await shownAnswer(page)
  await page.locator('.ready-queries').getByText('Inbox of support').click()
  await expectText(page, '.graphiql-response', '"name": "Leila Hassan"')
})

testInBrowser('a ready query that lacks what it is about says what to do, also when it is run by hand', async () => {
  const email = 'new@kitaab.example'
  const register = `mutation { register(input: { email: "${email}", password: "kitaab-demo-only", fullName: "Somebody New" }) { emailSent } }`
  const sent = await fetch(`${origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: register }),
  })
  expect(await sent.json()).toEqual({ data: { register: { emailSent: true } } })
  const page = await openAs('Leila Hassan')
  await page.getByRole('button', { name: 'Sign out' }).click()
  await fillIn(page, email, 'kitaab-demo-only')
  await page.getByText('Signed in as Somebody New').waitFor()
  await page.locator('.ready-queries').getByText("A friend's shared branch").click()
  await page.getByRole('button', { name: 'Execute query' }).click()
  await expectText(page, '.graphiql-response', 'Nobody shares anything with you yet. Ask somebody by')
})

testInBrowser('the pane that builds queries has the name of its button', async () => {
  const page = await openAs('Budi Santoso')
  await page.getByRole('button', { name: 'Show Query builder' }).click()
  await page.locator('.graphiql-plugin').getByText('Query builder', { exact: true }).waitFor()
  expect(await page.locator('.graphiql-plugin').getByText('Explorer', { exact: true }).count()).toBe(0)
})

testInBrowser('a reload stays signed in, with the tabs as they were left', async () => {
  const page = await openAs('Maryam Siddiqui')
  await page.getByRole('button', { name: 'Add tab' }).click()
  const opened = tabs.length + 1
  await until(() => page.evaluate(`JSON.parse(sessionStorage.getItem("graphiql:tabState"))?.tabs.length === ${opened}`))
  await page.reload()
  await page.getByText('Signed in as Maryam Siddiqui').waitFor()
  expect(await page.locator('.graphiql-tab-button').count()).toBe(opened)
})

testInBrowser('an access token that ran out is renewed, and the person notices nothing', async () => {
  const page = await openAs('Maryam Siddiqui')
  await shownAnswer(page)
  await page.evaluate(`
    const kept = JSON.parse(sessionStorage.getItem('kitaab:session'))
    sessionStorage.setItem('kitaab:session', JSON.stringify({ ...kept, accessTokenExpiresAt: '2020-01-01T00:00:00Z' }))`)
  const renewed = page.waitForResponse((response) => isAnswerTo(response.request(), 'RefreshSession'))
  await page.reload()
  expect((await (await renewed).json()).data.session.accessToken).toEqual(expect.any(String))
  await page.getByText('Signed in as Maryam Siddiqui').waitFor()
  expect((await shownAnswer(page)).data.me.user.fullName).toBe('Maryam Siddiqui')
})

testInBrowser('a session that ended elsewhere is told, with the way back in', async () => {
  const page = await openAs('Budi Santoso')
  await shownAnswer(page)
  await page.evaluate(`fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer ' + JSON.parse(sessionStorage.getItem('kitaab:session')).accessToken },
    body: JSON.stringify({ query: 'mutation { logOut { loggedOut } }' }),
  })`)
  // Reads need no more than the access token; what writes asks the session.
  await page.locator('.ready-queries').getByText("Record today's prayer").click()
  await expectText(page, '.graphiql-query-editor', 'mutation RecordTodaysPrayer')
  await page.getByRole('button', { name: 'Execute query' }).click()
  await page.getByText('Your session has ended. Sign in again to go on.').waitFor()
  await page.getByRole('button', { name: 'Budi Santoso' }).click()
  await page.getByText('Signed in as Budi Santoso').waitFor()
})

testInBrowser('what an older page left in the browser breaks nothing', async () => {
  const opening = await openPage(someBrowser(), origin)
  opened.push(opening)
  await opening.context.addInitScript(`
    localStorage.setItem('graphiql:tabState', '{"activeTabIndex":7,"tabs":[]}')
    localStorage.setItem('graphiql:query', 'query Old { gone }')
    localStorage.setItem('graphiql:visiblePlugin', 'No such pane')
    if (!sessionStorage.getItem('graphiql:tabState')) sessionStorage.setItem('graphiql:tabState', '{not JSON')
    if (!sessionStorage.getItem('kitaab:session')) sessionStorage.setItem('kitaab:session', '[1]')`)
  await opening.page.goto(origin)
  await opening.page.getByRole('button', { name: 'Maryam Siddiqui' }).click()
  await opening.page.getByText('Signed in as Maryam Siddiqui').waitFor()
  expect((await shownAnswer(opening.page)).data.me.user.fullName).toBe('Maryam Siddiqui')
  expect(await opening.page.locator('.graphiql-tab-button').allTextContents()).toEqual(tabs.map(({ title }) => title))
})

testInBrowser('it is light or dark as the system is, dialogs too, and a person may choose', async () => {
  const light = await openAs('Leila Hassan', { colorScheme: 'light' })
  const dark = await openAs('Leila Hassan', { colorScheme: 'dark' })
  for (const selector of ['.head', '.graphiql-container']) {
    expect(await lightness(light, selector)).toBeGreaterThan(0.8)
    expect(await lightness(dark, selector)).toBeLessThan(0.3)
  }
  await dark.getByRole('button', { name: 'Open settings dialog' }).click()
  await dark.getByRole('button', { name: 'Light' }).click()
  expect(await lightness(dark, '.graphiql-dialog')).toBeGreaterThan(0.8)
  await dark.keyboard.press('Escape')
  expect(await lightness(dark, '.head')).toBeGreaterThan(0.8)
})

async function printed(started: ReturnType<typeof startKitaab>, what: RegExp): Promise<string> {
  for (;;) {
    const text = what.exec(started.stderr())?.[1]
    if (text !== undefined) return text
    if (started.child.exitCode !== null) throw new Error(`it ended: ${started.stderr()}`)
    await delay(20)
  }
}

function someBrowser(): Browser {
  if (browser === null) throw new Error('There is no browser.')
  return browser
}

async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  const opening = await openPage(someBrowser(), origin, options)
  opened.push(opening)
  await opening.page.goto(address)
  return opening.page
}

async function openAs(name: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open(origin, options)
  await page.getByRole('button', { name }).click()
  await page.getByText(`Signed in as ${name}`).waitFor()
  return page
}

async function fillIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail' }).fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** 0 is black, 1 is white. */
function lightness(page: Page, selector: string): Promise<number> {
  return page.evaluate(`{
    const colour = getComputedStyle(document.querySelector('${selector}')).backgroundColor
    colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765
  }`)
}

function isAnswerTo(request: { url(): string; postData(): string | null }, name: string): boolean {
  return request.url() === `${origin}/graphql` && (request.postData() ?? '').includes(` ${name}`)
}

/** Runs the tab that is open; answers what the service said. */
async function run(page: Page, name: string) {
  const answered = page.waitForResponse((response) => isAnswerTo(response.request(), name))
  await page.getByRole('button', { name: 'Execute query' }).click()
  const answer = await (await answered).json()
  await page.getByRole('button', { name: 'Execute query' }).waitFor()
  return answer
}

function editorText(page: Page, selector: string): Promise<string> {
  return page.evaluate(`document.querySelector('${selector} .CodeMirror')?.CodeMirror.getValue() ?? ''`)
}

async function expectText(page: Page, selector: string, text: string): Promise<void> {
  await until(async () => (await editorText(page, selector)).includes(text))
}

/** The page's policy forbids what Playwright's own waiting would evaluate in it. Ended by the test's time-out. */
async function until(isSo: () => Promise<unknown>): Promise<void> {
  while (!(await isSo())) await delay(20)
}

/** What stands in the pane of answers, once there is one. */
async function shownAnswer(page: Page) {
  await expectText(page, '.graphiql-response', '}')
  return JSON.parse(await editorText(page, '.graphiql-response'))
}
