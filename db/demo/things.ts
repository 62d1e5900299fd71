import type { DemoSetting, DemoThings } from '../../src/domains/transfer/demo/things.ts'

/** What the service sets for everybody. */
export const demoSettings: readonly DemoSetting[] = [
  {
    key: 'theme',
    value: 'auto',
    jsonSchema: { enum: ['light', 'dark', 'auto'] },
    description: 'The colours of the page.',
  },
  {
    key: 'journal.prompts',
    value: ['What was good today?', 'What do you leave behind?'],
    jsonSchema: { type: 'array', items: { type: 'string', maxLength: 200 }, maxItems: 10 },
    description: 'What the journal asks in the evening.',
  },
]

/** What people keep beside their diaries, and how they like it. */
export const demoThings: readonly DemoThings[] = [
  {
    person: 'leila@kitaab.example',
    settings: [
      { key: 'theme', value: 'dark' },
      { key: 'home.tabs', value: { first: 'dashboard', hidden: ['messages'] } },
    ],
    resources: [
      {
        type: 'book',
        name: 'رِيَاضُ الصَّالِحِينَ',
        description: 'Gift of my grandfather, with his notes in the margins.',
        metadata: { author: 'an-Nawawi', topics: ['hadith', 'adab'], shelf: { room: 'study', row: 2 } },
        status: 'active',
      },
      {
        type: 'book',
        name: 'Tajwid for beginners',
        description: null,
        metadata: { topics: ['quran'], lent: true, shelf: { room: 'study', row: 3 } },
        status: 'archived',
      },
      {
        type: 'place',
        name: 'Mosque beside the office',
        description: 'Asr at a quarter past; the side door is open until six.',
        metadata: { walk: { minutes: 4 }, prayers: ['Dhuhr', 'Asr'] },
        status: 'active',
      },
    ],
  },
  {
    person: 'budi@kitaab.example',
    settings: [{ key: 'theme', value: 'light' }],
    resources: [
      {
        type: 'device',
        name: 'Counter for dhikr',
        description: null,
        metadata: { battery: 'CR2032' },
        status: 'active',
      },
    ],
  },
]
