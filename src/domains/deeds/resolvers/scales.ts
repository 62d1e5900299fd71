import type { MutationResolvers, ScaleVersionValueInput } from '../../../generated/graphql.ts'
import { found, ownKey } from '../../../platform/graphql/found.ts'
import { fromGlobalId } from '../../../platform/graphql/global-ids.ts'
import type { Viewer } from '../../../platform/viewer.ts'
import { publishScale } from '../queries/publish-scale.ts'
import { updateScaleValue } from '../queries/update-scale-value.ts'

export const scaleMutations: Pick<MutationResolvers, 'publishScale' | 'updateScaleValue'> = {
  async publishScale(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('Deed', input.deedId, 'input.deedId'), viewer)
    const values = input.values.map((value, place) => ({ ...value, continues: continuedId(value, place, viewer) }))
    const scale = await transaction((tx) => publishScale(tx, key, { effectiveFrom: input.effectiveFrom, values }))
    const [row, deed] = await Promise.all([loaders.scale.load(scale), loaders.deed.load(key)])
    return { scale: found(row), deed: found(deed) }
  },

  async updateScaleValue(_, { input }, { viewer, transaction, loaders }) {
    const key = ownKey(fromGlobalId('ScaleValue', input.scaleValueId, 'input.scaleValueId'), viewer)
    const scaleKey = await transaction((tx) => updateScaleValue(tx, key, input))
    const [scaleValue, scale] = await Promise.all([loaders.scaleValue.load(key), loaders.scale.load(scaleKey)])
    return { scaleValue, scale: found(scale) }
  },
}

function continuedId({ continues }: ScaleVersionValueInput, place: number, viewer: Viewer | null): string | null {
  if (continues == null) return null
  return ownKey(fromGlobalId('ScaleValue', continues, `input.values[${place}].continues`), viewer).scaleValueId
}
