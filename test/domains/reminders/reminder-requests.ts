import type { TestPerson } from '../../support/people.ts'
import type { TestService } from '../../support/service.ts'

const FIELDS = 'id localTime weekdays condition channels title isActive nextFireAt version'
export const SET = `mutation ($input: SetReminderInput!) { setReminder(input: $input) { reminder { ${FIELDS} } } }`
export const DELETE = `mutation ($input: DeleteReminderInput!) { deleteReminder(input: $input) { account { reminders { id } } } }`
export const REMINDERS = `{ me { reminders { ${FIELDS} } } }`

/** What a person does about their reminders; what is refused throws. */
export function remindersOf({ execute }: TestService, person: TestPerson) {
  const ask = async (query: string, variables: Record<string, unknown> = {}) => {
    const { data, errors } = await execute(query, variables, { as: person })
    if (errors) throw new Error(JSON.stringify(errors))
    return data
  }
  return {
    set: async (input: object) => (await ask(SET, { input })).setReminder.reminder,
    list: async () => (await ask(REMINDERS)).me.reminders,
    ask,
  }
}
