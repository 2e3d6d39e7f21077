// Warm-up: schedules, days, pace, gates and ladders. Everything pure; what keeps the counts and asks the questions is in the engine.
export { dayAt, type ZoneDay } from './calendar.ts';
export { CalendarClock, dateOf, dayNumber, endOfDay } from './warm-up-calendar.ts';
export { readScheduleCsv, scheduleCsv, type CsvProblem, type CsvSchedule } from './warm-up-csv.ts';
export { forecast } from './warm-up-forecast.ts';
export { gateStates, judge, type GateState } from './warm-up-gates.ts';
export type { WarmUpCommit, WarmUpStop } from './warm-up-account.ts';
export { WarmUpLadder, type CountedOutcome, type WarmUpAct } from './warm-up-ladder.ts';
export { dayOfRow, type DayRow } from './warm-up-history.ts';
export { builtInSchedules, scaledStages, scheduleProblem, stagesOf, type BuiltInSchedule } from './warm-up-schedule.ts';
export { compilingWarmUps, noWarmUps, WarmUpSet, wayKey, type WarmUpPlan, type WarmUpWay } from './warm-up-set.ts';
export type { WarmUpTurn } from './warm-up-turn.ts';
