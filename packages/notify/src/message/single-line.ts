const endsOfLines = /[\p{Cc}\u2028\u2029]+/gu;
/** Marks and embeddings that turn the direction of the text behind them. Isolates stay: they end with the text that they are put around. */
const turnsOfDirection = /[\u061c\u200e\u200f\u202a-\u202e]/gu;
const isolates = /[\u2066-\u2069]/gu;
/** Marks that Telegram drops where they stand alone; composed first, so that an å stays an å. */
const droppedMarks = /\u030a|\u0333|\u033f/gu;
const joiner = '\u200d';
const rightToLeft = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}]/u;

/**
 * Any text as one line that shows what it is: control characters and line ends are a space, half a surrogate pair is U+FFFD, and nothing
 * in it changes the direction of what comes after it. Idempotent.
 */
export function singleLine(text: string): string {
  return text
    .toWellFormed()
    .replace(endsOfLines, ' ')
    .replace(turnsOfDirection, '')
    .normalize('NFC')
    .replace(droppedMarks, '')
    .normalize('NFC');
}

/**
 * A text from outside to stand inside a sentence: one line, at most so many UTF-16 units (an ellipsis then says that there was more), its
 * direction kept to itself.
 */
export function foreignText(text: string, mostUnits: number): string {
  const line = clipText(singleLine(text).replace(isolates, '').trim(), mostUnits);
  return rightToLeft.test(line) ? `\u2068${line}\u2069` : line;
}

/** The beginning of a text that fits, with an ellipsis where something was left out; never half a character. */
export function clipText(text: string, mostUnits: number): string {
  return text.length <= mostUnits ? text : cutText(text, mostUnits);
}

/** As `clipText`, for a text that something follows which is left out: the ellipsis is always there. */
export function cutText(text: string, mostUnits: number): string {
  let end = Math.min(text.length, Math.max(0, mostUnits - 1));
  // A letter keeps its accents and an emoji its parts, unless that would go on for long.
  const lowest = Math.max(0, end - 32);
  let whole = end;
  while (whole > lowest && !isBoundary(text, whole)) whole -= 1;
  if (whole > lowest) end = whole;
  else if (isLowSurrogate(text, end)) end -= 1;
  return `${text.slice(0, Math.max(0, end)).trimEnd()}…`;
}

function isBoundary(text: string, index: number): boolean {
  if (isLowSurrogate(text, index)) return false;
  const next = String.fromCodePoint(text.codePointAt(index) ?? 0x20);
  return !/[\p{M}\p{Emoji_Modifier}]/u.test(next) && next !== joiner && text[index - 1] !== joiner;
}

/** Inside a surrogate pair: between its first and its second half. */
function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
