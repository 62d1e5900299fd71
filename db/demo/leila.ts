import type { DemoPerson } from '../../src/domains/transfer/demo/world.ts'
import { charity, fasting, prayers, quran, time, tongue } from './leila-deeds.ts'

export const leila: DemoPerson = {
  email: 'leila@kitaab.example',
  username: 'leila',
  fullName: 'Leila Hassan',
  city: 'Cairo',
  timeZone: 'Africa/Cairo',
  dayStartMinutes: 0,
  weekStart: 6,
  locale: 'ar-EG',
  away: [
    [248, 240],
    [97, 93],
  ],
  deeds: [prayers, quran, charity, fasting, tongue, time],
  deleted: [['Time wasted', 'Television']],
  merits: [
    {
      deed: 'Quran',
      title: 'Sixty pages in thirty days',
      startsIn: -29,
      durationDays: 30,
      stands: 'MET',
      items: [{ item: ['Quran', 'Recitation'], metric: 'count_sum', comparator: 'at_least', target: '60' }],
    },
    {
      deed: 'Prayers',
      title: 'Fajr on time for forty days',
      description: 'On time or better, with a few days to spare.',
      startsIn: -12,
      durationDays: 45,
      stands: 'PENDING',
      items: [
        {
          item: ['Prayers', 'Obligatory', 'Fajr'],
          metric: 'scale_match',
          comparator: 'at_least',
          target: '40',
          value: { name: 'On time', match: 'at_or_above' },
        },
      ],
    },
    {
      deed: 'Time wasted',
      title: 'Less than an hour and a half a day on the phone',
      startsIn: -14,
      durationDays: 30,
      stands: 'ON_TRACK',
      items: [{ item: ['Time wasted', 'On the phone'], metric: 'count_sum', comparator: 'at_most', target: '2700' }],
    },
    {
      deed: 'Fasting',
      title: 'Every Monday and Thursday of two months',
      startsIn: -76,
      durationDays: 60,
      stands: 'FAILED',
      items: [{ item: ['Fasting', 'Voluntary'], metric: 'count_sum', comparator: 'at_least', target: '16' }],
    },
    {
      deed: 'Charity',
      title: 'Give in one way or the other',
      match: 'or',
      startsIn: -59,
      durationDays: 90,
      stands: 'PENDING',
      items: [
        { item: ['Charity', 'Money', 'To people I meet'], metric: 'count_sum', comparator: 'at_least', target: '2500' },
        { item: ['Charity', 'Money', 'The orphanage'], metric: 'count_sum', comparator: 'at_least', target: '4000' },
      ],
    },
    {
      deed: 'Quran',
      title: 'Memorise Ya-Sin',
      startsIn: 6,
      durationDays: 60,
      stands: 'UPCOMING',
      items: [
        { item: ['Quran', 'Memorisation', 'New verses'], metric: 'count_sum', comparator: 'at_least', target: '6' },
      ],
    },
  ],
  reflections: [
    {
      daysAgo: 0,
      type: 'general',
      message: 'Asr in the taxi again. Tomorrow I leave the meeting on time, whatever they say.',
    },
    {
      daysAgo: 1,
      type: 'hasanaat',
      message: 'Two pages before anyone was awake. It was quiet, and I understood more than on other days.',
    },
    {
      daysAgo: 1,
      type: 'saiyyiaat',
      message: 'An hour on the phone after midnight, and nothing of it that I remember.',
    },
    {
      daysAgo: 6,
      type: 'general',
      message: 'A week ago I wanted to give up the early pages.\nبعد صَلاةِ الفَجْرِ نويت أن أستمر ولو بصفحة واحدة كل يوم.',
    },
  ],
  reminders: [{ localTime: '21:30', condition: 'if_nothing_recorded', title: 'What was good today?' }],
}
