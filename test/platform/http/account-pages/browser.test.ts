import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { outcome, password, peopleOf } from '../../../domains/identity/people.ts'
import { launchBrowser, type OpenPage, openPage, testInBrowser } from '../../../support/browser.ts'
import { startService, type TestService } from '../../../support/service.ts'

jest.setTimeout(60_000)

let browser: Browser | null
let service: TestService
let people: ReturnType<typeof peopleOf>
let origin: string
const log: string[] = []
const opened: OpenPage[] = []

beforeAll(async () => {
  browser = await launchBrowser()
  if (browser === null) return
  service = await startService({ ownTokens: true, config: { explorer: true }, onLog: (line) => log.push(line) })
  people = peopleOf(service)
  origin = (await service.app.start()).url
})

afterEach(async () => {
  for (const { context, offences } of opened.splice(0)) {
    await context.close()
    expect(offences).toEqual([])
  }
})

afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

async function open(address: string, options: BrowserContextOptions = {}): Promise<Page> {
  if (browser === null) throw new Error('There is no browser.')
  const opening = await openPage(browser, origin, options)
  opened.push(opening)
  await opening.page.goto(address)
  return opening.page
}

/** The link of a mail, as somebody would click it. */
async function linkIn(email: string, number: number): Promise<string> {
  const mail = (await people.mailsTo(email, number))[number - 1] ?? ''
  return /^(http\S+#token=\S+)$/m.exec(mail)?.[1] ?? 'no link'
}

const heading = (page: Page, name: string) => page.getByRole('heading', { name }).waitFor()
const isVerified = async (email: string) =>
  (await service.database.admin.query('select email_verified from users where email = $1', [email])).rows[0]
    .email_verified

testInBrowser(
  'SES-4 the link in the mail confirms an address, by the keyboard alone, and then says that it was used',
  async () => {
    const email = 'confirms@kitaab.example'
    await people.register({ email })
    const link = await linkIn(email, 1)
    expect(link).toContain(`${origin}/verify-email#token=`)
    const page = await open(link)
    await heading(page, 'Confirm your address')
    // Programs that look into mails open links too: that alone uses nothing up.
    expect(await isVerified(email)).toBe(false)
    await page.keyboard.press('Enter')
    await heading(page, 'Your address is confirmed')
    expect(await page.title()).toBe('Your address is confirmed · Kitaab')
    expect(await isVerified(email)).toBe(true)
    expect(page.url()).toBe(`${origin}/verify-email`)
    const again = await open(link)
    await again.getByRole('button', { name: 'Confirm my address' }).click()
    await heading(again, 'This link no longer works')
  },
)

testInBrowser('SES-4 a link that is too old offers a new one, which works', async () => {
  const email = 'too-old@kitaab.example'
  await people.register({ email })
  const link = await linkIn(email, 1)
  await service.database.admin.query('update one_time_tokens set expires_at = now() where used_at is null')
  const page = await open(link)
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await heading(page, 'This link no longer works')
  await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email)
  await page.keyboard.press('Enter')
  await heading(page, 'Look into your mail')
  await page.goto(await linkIn(email, 2))
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await heading(page, 'Your address is confirmed')
})

testInBrowser(
  'SES-4 the link in the mail sets a new password, with which one logs in; a weak one is told and may be mended',
  async () => {
    const email = 'forgetful@kitaab.example'
    await people.register({ email })
    const page = await open(`${origin}/reset-password`)
    await heading(page, 'Forgot your password?')
    await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email)
    await page.getByRole('button', { name: 'Send me the link' }).click()
    await heading(page, 'Look into your mail')
    await page.goto(await linkIn(email, 2))
    await heading(page, 'Set a new password')
    // The field has the focus already.
    await page.keyboard.type('too short')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('It has 9 characters; at least 10 are needed.').waitFor()
    const field = page.getByLabel('New password')
    await field.fill('the camel has its own key')
    await page.getByLabel('Show what I type').check()
    expect(await field.getAttribute('type')).toBe('text')
    await page.getByRole('button', { name: 'Set the password' }).click()
    await heading(page, 'Your new password is set')
    expect(outcome(await people.logIn(email, { password: 'the camel has its own key' }))).toBe('ok')
    expect(outcome(await people.logIn(email))).toBe('UNAUTHENTICATED WRONG_CREDENTIALS')
  },
)

testInBrowser(
  'SES-4 an account is opened by a form, in the time zone of the browser; what is refused is told',
  async () => {
    const email = 'opens@kitaab.example'
    const page = await open(`${origin}/register`, { timezoneId: 'Asia/Jakarta' })
    await heading(page, 'Open an account')
    await page.getByRole('textbox', { name: 'Your name' }).fill('Dewi Lestari')
    await page.getByRole('textbox', { name: 'Your e-mail address' }).fill(email)
    const field = page.getByLabel('Password', { exact: true })
    await field.fill('too short')
    await page.getByRole('button', { name: 'Open the account' }).click()
    await page.getByRole('alert').getByText('It has 9 characters; at least 10 are needed.').waitFor()
    await field.fill('the camel has its own key')
    await page.keyboard.press('Enter')
    await heading(page, 'Look into your mail')
    expect(outcome(await people.logIn(email, { password: 'the camel has its own key' }))).toBe('ok')
    const { rows } = await service.database.admin.query('select full_name, time_zone from users where email = $1', [
      email,
    ])
    expect(rows).toEqual([{ full_name: 'Dewi Lestari', time_zone: 'Asia/Jakarta' }])
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('textbox', { name: 'E-mail' }).waitFor()
    await page.goto(await linkIn(email, 1))
    await page.getByRole('button', { name: 'Confirm my address' }).click()
    await heading(page, 'Your address is confirmed')
  },
)

testInBrowser('a page that the service does not answer says so, and works once it does', async () => {
  const email = 'offline@kitaab.example'
  await people.register({ email })
  const page = await open(await linkIn(email, 1))
  // Not the network itself: the browser would note its error in the console.
  await page.route(`${origin}/graphql`, (route) => route.fulfill({ status: 200, body: 'a proxy speaks' }))
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await page.getByText('Kitaab does not answer. Try again in a moment.').waitFor()
  await page.unroute(`${origin}/graphql`)
  await page.getByRole('button', { name: 'Confirm my address' }).click()
  await heading(page, 'Your address is confirmed')
})

testInBrowser('without JavaScript a sentence says what to do', async () => {
  const page = await open(`${origin}/verify-email#token=x`, { javaScriptEnabled: false })
  await page.locator('noscript p').waitFor()
  expect(await page.locator('main').innerText()).toContain('This page needs JavaScript to confirm your address.')
  expect(await page.getByRole('button').count()).toBe(0)
})

testInBrowser('it is light or dark as the system is, and fits a small screen', async () => {
  for (const [colorScheme, isLight] of [
    ['light', true],
    ['dark', false],
  ] as const) {
    const page = await open(`${origin}/reset-password#token=x`, { colorScheme, viewport: { width: 320, height: 640 } })
    await heading(page, 'Set a new password')
    const [paper, overflow] = await page.evaluate<[number, number]>(`[
      getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765,
      document.documentElement.scrollWidth - innerWidth,
    ]`)
    expect(paper > 0.5).toBe(isLight)
    expect(overflow).toBeLessThanOrEqual(0)
  }
})

// Last: over all that the tests above have done.
testInBrowser('the log has seen these pages, and no token of them', async () => {
  const text = log.join('')
  expect(text).toContain('"route":"/verify-email"')
  for (const secret of ['token=', '@kitaab.example', password]) expect(text).not.toContain(secret)
})
