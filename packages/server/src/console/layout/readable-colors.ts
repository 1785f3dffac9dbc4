/** WCAG AA for text. */
const contrastMin = 4.5;
// The backgrounds of coloured text that are closest to it: the tinted surfaces of each theme.
const darkestOfLight = "#ebebeb";
const lightestOfDark = "#303030";
const steps = 50;

/**
 * A colour for text and buttons of each theme. It is the given colour where that has enough contrast, and otherwise the nearest
 * darker or lighter one.
 */
export function readableColors(color: string): { light: string; dark: string } {
  return {
    light: mixedUntilReadable(color, "#000000", darkestOfLight),
    dark: mixedUntilReadable(color, "#ffffff", lightestOfDark),
  };
}

export function contrast(a: string, b: string): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

function mixedUntilReadable(color: string, target: string, background: string): string {
  for (let step = 0; step < steps; step++) {
    const mixed = mix(color, target, step / steps);
    if (contrast(mixed, background) >= contrastMin && isBeyond(mixed, background, target)) return mixed;
  }
  return target;
}

/** Whether the colour is on the side of the background that the target is on. */
function isBeyond(color: string, background: string, target: string): boolean {
  return luminance(color) > luminance(background) === luminance(target) > luminance(background);
}

function mix(a: string, b: string, share: number): string {
  const other = channels(b);
  const mixed = channels(a).map((value, index) => Math.round(value + ((other[index] ?? 0) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** The relative luminance of WCAG 2. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((value) => {
    const part = value / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Red, green and blue of `#rrggbb`, from 0 to 255. */
function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
