// The accounting log's readers.
export { readEvents, type EventLog, type EventPage, type PlacedEvent } from './log-reader.ts';
