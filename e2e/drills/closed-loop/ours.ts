// Our sender: the engine's own automation with its presets as every installation has them from its first start, the same for every set.
import { id } from '@sluice/engine/testing';
import { automationPresets } from '@sluice/providers';
import type { SenderKind } from './sender.ts';

export const ours: SenderKind = {
  name: 'ours',
  entities: automationPresets.map(({ rule }, index) => ({ kind: 'automation', id: id(601 + index), body: rule })),
  controller: null,
};
