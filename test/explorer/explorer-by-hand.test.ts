// What a person does with the page who does not know it yet.
import { expect } from '@jest/globals'
import { testInBrowser } from '../support/browser.ts'
import { expectText, openAs, shownAnswer, withExplorer } from './explorer-page.ts'

interface Box {
  readonly width: number
  readonly top: number
  readonly bottom: number
}

withExplorer()

testInBrowser('what can’t be sent is told in place of an answer', async () => {
  const page = await openAs('Leila Hassan')
  await shownAnswer(page)
  const write = (selector: string, text: string) =>
    page.evaluate(
      `[...document.querySelectorAll('${selector} .CodeMirror')].at(-1).CodeMirror.setValue(${JSON.stringify(text)})`,
    )
  const execute = () => page.getByRole('button', { name: 'Execute query' }).click()
  for (const nothing of ['', '# My query\n']) {
    await write('.graphiql-query-editor', nothing)
    await execute()
    await expectText(page, '.graphiql-response', 'There is nothing to run: write a query')
    await write('.graphiql-response', '')
  }
  await write('.graphiql-query-editor', '{ me { email } }')
  await page.getByRole('button', { name: 'Headers' }).click()
  await write('.graphiql-editor-tool', '{ "no name": "x" }')
  await execute()
  await expectText(page, '.graphiql-response', 'A header can’t be sent')
  await write('.graphiql-editor-tool', '')
  await execute()
  await expectText(page, '.graphiql-response', 'leila@kitaab.example')
})

testInBrowser('on a narrow screen all of it is there, below each other, and nothing at the side', async () => {
  const page = await openAs('Leila Hassan', { viewport: { width: 390, height: 844 } })
  await shownAnswer(page)
  const [overflow, editor, answer] = await page.evaluate<[number, Box, Box]>(`[
    document.documentElement.scrollWidth - innerWidth,
    ...['.graphiql-editors', '.graphiql-response'].map((one) => document.querySelector(one).getBoundingClientRect().toJSON()),
  ]`)
  expect(overflow).toBeLessThanOrEqual(0)
  for (const { width } of [editor, answer]) expect(width).toBeGreaterThan(250)
  expect(answer.top).toBeGreaterThanOrEqual(editor.bottom)
})

testInBrowser('the docs are searched by the key that they name', async () => {
  const page = await openAs('Leila Hassan')
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
  await page.getByPlaceholder('Ctrl K').waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('dashb', { delay: 20 })
  await page.getByRole('option', { name: 'Dashboard', exact: true }).waitFor()
})
