const dayName = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
const weekdayName = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const month = `(?<month>${months.join("|")})`;
const time = "(?<hour>\\d{2}):(?<minute>\\d{2}):(?<second>\\d{2})";

/**
 * The three forms of an HTTP-date: IMF-fixdate, and the obsolete forms of RFC 850 and asctime. Source: RFC 9110, section 5.6.7.
 */
const forms = [
  new RegExp(`^${dayName}, (?<day>\\d{2}) ${month} (?<year>\\d{4}) ${time} GMT$`),
  new RegExp(`^${weekdayName}, (?<day>\\d{2})-${month}-(?<year>\\d{2}) ${time} GMT$`),
  new RegExp(`^${dayName} ${month} (?<day>[ \\d]\\d) ${time} (?<year>\\d{4})$`),
];

/**
 * Parses a Retry-After header: seconds, or an HTTP-date. Null when it is absent, unreadable or in the past. Source: RFC 9110,
 * section 10.2.3.
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const at = httpDate(text, now);
  return at === null || at <= now ? null : at - now;
}

/**
 * Parses an HTTP-date into Unix milliseconds. Every form is in UTC. Null for any other text, and for a day that does not exist.
 */
export function httpDate(text: string, now: number): number | null {
  // Every form is shorter, so that a long text costs nothing.
  if (text.length > 40) return null;
  for (const form of forms) {
    const parts = form.exec(text)?.groups;
    if (parts === undefined) continue;
    const { year = "", month = "", day = "", hour = "", minute = "", second = "" } = parts;
    const fullYear = year.length === 2 ? nearestYear(Number(year), now) : Number(year);
    return timeOf(
      Date.UTC(fullYear, months.indexOf(month), Number(day)),
      Number(day),
      [hour, minute, second].map(Number),
    );
  }
  return null;
}

/** A two-digit year is at most fifty years in the future. */
function nearestYear(year: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + year;
  return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
}

function timeOf(midnight: number, day: number, [hour = 0, minute = 0, second = 0]: readonly number[]): number | null {
  // JavaScript maps a day that the month does not have to the next month, and a leap second to the first moment of the next
  // minute.
  if (hour > 23 || minute > 59 || second > 60 || new Date(midnight).getUTCDate() !== day) return null;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1_000;
}
