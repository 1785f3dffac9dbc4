import "./api/credentials.ts";
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { forgetSessionOn } from "./api/ended-session.ts";
import { watchReachability } from "./api/reachability.ts";
import { applyKeptTheme } from "./layout/theme.ts";
import { createConsoleRouter } from "./router.tsx";
import "./ui/tokens.css";
import { Toasts } from "./ui/toast.tsx";

applyKeptTheme();

const queryClient = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 5_000, retry: (count, error) => count < 2 && isPassing(error), refetchOnWindowFocus: true },
  },
});
forgetSessionOn(queryClient);
watchReachability(queryClient);

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no place for the console.");
createRoot(root).render(
  <CSPProvider disableStyleElements>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={createConsoleRouter(queryClient)} />
      <Toasts />
    </QueryClientProvider>
  </CSPProvider>,
);

// A refusal is not retried, because the response would be the same.
function isPassing(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status !== "number" || status === 429 || status >= 500;
}
