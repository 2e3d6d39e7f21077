// Rows of the delivery settings screen, as the contract defines them.
import type { z } from 'zod';
import type { settingRuleView, settingsEffective } from '@sluice/contract/api';

export type SettingRule = z.infer<typeof settingRuleView>;
export type Effective = z.infer<typeof settingsEffective.output>;
