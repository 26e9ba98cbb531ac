// The bounds of a program's limits that hold for one value.
import type { CrossingLimits } from '../../../guest/isolate/wire.js'
import type { IsolateLimits } from '../../api.js'

export const crossing = ({ depth, nodes, messageBytes }: IsolateLimits): CrossingLimits => ({
  depth,
  nodes,
  characters: messageBytes,
})
