/** The woven mark: two threads over two. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 32 32"
      fill="none"
      strokeWidth="4"
      strokeLinecap="round"
      aria-hidden="true"
    >
      <rect width="32" height="32" rx="7" fill="#4f46e5" />
      <path stroke="#c7d2fe" d="M10 6.5v19M22 6.5v19" />
      <path stroke="#fff" d="M6.5 11h7.5M18 11h7.5M6.5 21h7.5M18 21h7.5" />
    </svg>
  );
}
