// What the page does for whoever is signed in.
import { readFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { testInBrowser } from '../support/browser.ts'
import {
  editorText,
  expectText,
  explorer,
  fillIn,
  isAnswerTo,
  lightness,
  offered,
  open,
  openAs,
  openNothing,
  run,
  shownAnswer,
  tabs,
  until,
  withExplorer,
} from './explorer-page.ts'

withExplorer()

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
  const page = await open(explorer.origin)
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  await page.route(`${explorer.origin}/graphql`, async (route) => {
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

testInBrowser(
  'ready queries that are chosen faster than they open are there all the same, each by its own name',
  async () => {
    const page = await openAs('Leila Hassan')
    await shownAnswer(page)
    const chosen = ['Ask somebody', 'My journal', 'My reminders']
    await page.evaluate(`for (const title of ${JSON.stringify([chosen[0], chosen[1]])})
    [...document.querySelectorAll('.ready-title')].find((one) => one.firstChild.data === title).click()`)
    await page.locator('.ready-title', { hasText: 'My reminders' }).click()
    await expectText(page, '.graphiql-response', '"reminders"')
    expect((await page.locator('.graphiql-tab-button').allTextContents()).slice(tabs.length)).toEqual(chosen)
  },
)

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
  explorer.expectedStatus = 400
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
  await page.getByText("is where one's own things begin").waitFor()
  await page.locator('.graphiql-doc-explorer-content').getByText('Query', { exact: true }).click()
  await page.getByText("The viewer's account: what only they see.").waitFor()
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

testInBrowser('an administrator sees the accounts, in a tab named as its operation is', async () => {
  const page = await openAs('Yusuf Idris')
  expect((await shownAnswer(page)).data.users.nodes.length).toBeGreaterThan(3)
  expect((await page.locator('.graphiql-tab-button').allTextContents())[0]).toBe('Accounts')
})

testInBrowser('a ready query that lacks what it is about says what to do, also when it is run by hand', async () => {
  const email = 'new@kitaab.example'
  const register = `mutation { register(input: { email: "${email}", password: "kitaab-demo-only", fullName: "Somebody New" }) { emailSent } }`
  const sent = await fetch(`${explorer.origin}/graphql`, {
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

testInBrowser('the one that is open is explained in the list by whole sentences', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  for (const [title, sentence] of [
    ['My reminders', 'and the key with which a browser subscribes to push messages, before it sends `subscribePush`.'],
    ['Find resources by their metadata', 'Those that have a value at a path: an element of a list here.'],
  ] as const) {
    await page.locator('.ready-title', { hasText: title }).click()
    const shown = page.locator('[aria-current=true] .ready-description')
    await until(async () => (await shown.textContent())?.replaceAll('\n', ' ').endsWith(sentence))
  }
})

testInBrowser('what a whole topic lacks is said once in the list, and in place of an answer', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const lacking = page.locator('.ready-queries').getByText('This needs PostGIS, which the database does not have.')
  expect(await lacking.count()).toBe(1)
  await page.locator('.ready-title', { hasText: 'My projects' }).click()
  await expectText(page, '.graphiql-response', 'This needs PostGIS')
})

testInBrowser('what was missing is filled in once it is there, and only until it is gone', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const choose = (title: string) => page.locator('.ready-title', { hasText: title }).click()
  const nothingWaits = 'No request of yours waits for an answer.'
  await choose('Take a request back')
  await page.getByRole('button', { name: 'Execute query' }).click()
  await expectText(page, '.graphiql-response', nothingWaits)
  await choose('Ask somebody')
  expect((await run(page, 'AskSomebody')).errors).toBeUndefined()
  await page.locator('.ready-queries').getByText(nothingWaits).waitFor({ state: 'detached' })
  await page.locator('.graphiql-tab-button', { hasText: 'Take a request back' }).click()
  await page.getByRole('button', { name: 'Execute query' }).click()
  await expectText(page, '.graphiql-response', 'Choose \\"Take a request back\\" in the list')
  await choose('Take a request back')
  await expectText(page, '.graphiql-editor-tool', '"relation": "')
  expect((await run(page, 'TakeARequestBack')).errors).toBeUndefined()
  await page.locator('.ready-queries').getByText(nothingWaits).waitFor()
  await choose('Take a request back')
  await expectText(page, '.graphiql-editor-tool', '"relation": null')
})

testInBrowser('what a person wrote into the variables stays', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const choose = (title: string) => page.locator('.ready-title', { hasText: title }).click()
  await choose('Ask somebody')
  await expectText(page, '.graphiql-query-editor', 'AskSomebody')
  const own = '{ "to": "budi" }'
  await page.evaluate(`document.querySelector('.graphiql-editor-tool .CodeMirror').CodeMirror.setValue('${own}')`)
  await choose('My journal')
  await expectText(page, '.graphiql-response', '"reflections"')
  await choose('Ask somebody')
  await expectText(page, '.graphiql-query-editor', 'AskSomebody')
  expect(await editorText(page, '.graphiql-editor-tool')).toBe(own)
})

testInBrowser('the tab that is open is in view, however many there are', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  for (const title of ['Streaks and statistics', 'My journal', 'My reminders']) {
    await page.locator('.ready-queries').getByText(title).click()
    await page.locator('.graphiql-tab-active', { hasText: title }).waitFor()
  }
  const right = (selector: string) =>
    page.evaluate(`document.querySelector('${selector}').getBoundingClientRect().right`)
  await until(async () => Number(await right('.graphiql-tab-active')) <= Number(await right('.graphiql-tabs')) + 1)
})

testInBrowser('the pane that builds queries has the name of its button', async () => {
  const page = await openAs('Budi Santoso')
  await page.getByRole('button', { name: 'Show Query builder' }).click()
  await page.locator('.graphiql-plugin').getByText('Query builder', { exact: true }).waitFor()
  expect(await page.locator('.graphiql-plugin').getByText('Explorer', { exact: true }).count()).toBe(0)
})

testInBrowser('what an older page left in the browser breaks nothing', async () => {
  const opening = await openNothing()
  await opening.context.addInitScript(`
    localStorage.setItem('graphiql:tabState', '{"activeTabIndex":7,"tabs":[]}')
    localStorage.setItem('graphiql:query', 'query Old { gone }')
    localStorage.setItem('graphiql:visiblePlugin', 'No such pane')
    if (!sessionStorage.getItem('graphiql:tabState')) sessionStorage.setItem('graphiql:tabState', '{not JSON')
    if (!sessionStorage.getItem('kitaab:session')) sessionStorage.setItem('kitaab:session', '[1]')`)
  await opening.page.goto(explorer.origin)
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
