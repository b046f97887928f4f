#!/bin/sh
# The report of a sweep as it is kept here, written anew from the home that holds its runs (seconds):
#     sh docs/results/regenerate.sh imdb_why HOME
# Of a copy of the home: a report that shows verdicts is a look, and counts as one.
set -eu
sweep=$1 home=$2
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
cp -R "$home" "$scratch/home"
rm -f "$scratch/home/mlflow.db"
seedwise report "$sweep" --home "$scratch/home"
report=$scratch/home/sweeps/$sweep/report
kept=$here/$sweep
mkdir -p "$kept/figures"
rm -f "$kept"/figures/*.svg
cp "$report"/figures/*.svg "$kept/figures/"
cp "$report/numbers.json" "$report/cells.csv" "$report/epochs.csv" "$kept/"
cp "$scratch/home/sweeps/$sweep/sweep.yaml" "$kept/"
# The page itself, report.html, is not kept: nothing to be pointed at.
grep -v '^\*In one file with its figures' "$report/report.md" | cat -s >"$kept/report.md"
echo "kept: $kept"
