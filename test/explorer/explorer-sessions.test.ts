import { expect } from '@jest/globals'
import { testInBrowser } from '../support/browser.ts'
import {
  expectText,
  explorer,
  fillIn,
  isAnswerTo,
  open,
  openAs,
  shownAnswer,
  tabs,
  until,
  withExplorer,
} from './explorer-page.ts'

withExplorer()

testInBrowser('the printed link signs in, and shows the dashboard before anything is pressed', async () => {
  const page = await open(explorer.link)
  await page.getByText('Signed in as Leila Hassan').waitFor()
  expect(page.url()).toBe(`${explorer.origin}/`)
  const { data } = await shownAnswer(page)
  expect(data.me.user.dashboard.series[0].points).toHaveLength(30)
  expect(await page.title()).toContain('Kitaab')
})

testInBrowser('a link that was used shows the form and says why', async () => {
  explorer.expectedStatus = 410
  const first = await open(explorer.link)
  await first.getByText(/Signed in as Leila Hassan|This link was used already/).waitFor()
  const page = await open(explorer.link)
  await page.getByText('This link was used already, or is from an earlier start.').waitFor()
  expect(await page.getByRole('textbox', { name: 'E-mail' }).isVisible()).toBe(true)
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

testInBrowser('whoever has no account, or forgot the password, is led to where there is help', async () => {
  const page = await open(explorer.origin)
  for (const [link, heading] of [
    ['Open an account', 'Open an account'],
    ['Forgot your password?', 'Forgot your password?'],
  ] as const) {
    await page.getByRole('link', { name: link }).click()
    await page.getByRole('heading', { name: heading }).waitFor()
    await page.goBack()
  }
})

testInBrowser('in the demo world one click makes somebody else of me, with queries of theirs', async () => {
  const page = await openAs('Leila Hassan')
  await page.getByRole('button', { name: 'Budi', exact: true }).click()
  await page.getByText('Signed in as Budi Santoso').waitFor()
  await page.locator('.ready-queries').getByText("A friend's shared branch").click()
  await expectText(page, '.graphiql-response', '"fullName": "Leila Hassan"')
})

testInBrowser('who can’t become somebody else, because nothing answers, stays who they are', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  // Not the network itself: the browser would note its error in the console.
  await page.evaluate(`globalThis.fetch = async () => { throw new TypeError('Failed to fetch') }`)
  await page.getByRole('button', { name: 'Budi', exact: true }).click()
  await page.getByRole('alert').getByText('Kitaab does not answer. Is it still running?').waitFor()
  expect(await page.getByText('Signed in as Leila Hassan').isVisible()).toBe(true)
  expect((await shownAnswer(page)).data.me.user.fullName).toBe('Leila Hassan')
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
