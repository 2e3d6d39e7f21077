// Rules by which an engine acts by itself: what they count, when they are hit, and how a rate that was cut comes back.
export {
  automationPatternProblem,
  AutomationRules,
  compilingAutomation,
  maxAutomationPatternsSize,
  patternsFit,
  type AutomationRule,
} from './rule-set.ts';
export type { Evidence } from './evidence.ts';
export { AutomationWatch, maxPlaces, type Hit, type Meaning, type WatchedOutcome } from './watch.ts';
export { beginThrottle, hitThrottle, pauseMs, postponeStep, stepThrottle, type Throttle, type ThrottleRule } from './throttle.ts';
