package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/gambeson/gambeson/internal/deps/advisory"
	"github.com/gambeson/gambeson/internal/finding"
)

func depsUpdateCommand() *cobra.Command {
	var from, url, index string
	cmd := &cobra.Command{
		Use:   "update",
		Short: "Fetch the advisories, or take them from an archive",
		Long: `Fetch what is known of vulnerable and malicious packages (OSV's export for PyPI, about
30 MB) and make an index of it, or make one of an archive that is there already.
Whatever happens, the index is the old one or the new one, and never half of it.

Exit codes: 0 there is a new index · 2 usage error · 3 there is none, the old one stays.`,
		Example: `  gambeson deps update
  gambeson deps update --from all.zip        # where there is no network`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stderr := cmd.ErrOrStderr()
			if from != "" && cmd.Flags().Changed("url") {
				return errors.New("--from and --url: name one place, an archive or an address")
			}
			dest, err := advisory.Path(index)
			if err != nil {
				return err
			}
			var info advisory.Info
			if from != "" {
				info, err = advisory.FromZip(cmd.Context(), from, dest)
			} else {
				info, err = fetch(cmd.Context(), stderr, url, dest)
			}
			switch {
			case errors.Is(err, context.Canceled):
				return err
			case err != nil:
				say(stderr, err.Error())
				return exit(exitIncomplete)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d flaws of %d packages, the newest of %s, in %s\n", info.Flaws, info.Packages, info.Newest.Format(time.DateOnly), dest)
			if info.Unread > 0 {
				say(stderr, fmt.Sprintf("note: %s could not be read and are left out", finding.Plural(info.Unread, "record")))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "take them from this `archive` in OSV's form instead of the network")
	f.StringVar(&url, "url", advisory.DefaultURL, "fetch them from this `address`")
	f.StringVar(&index, "index", "", "the `file` to put them in (default: in the user's cache, or GAMBESON_CACHE_DIR)")
	return cmd
}
