// The accounting log's readers.
export { readEvents, scanEvents, eventHash, type EventLog, type EventPage, type PlacedEvent } from './log-reader.ts';
