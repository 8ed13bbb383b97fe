progress() { echo "tokens $1" >> "$INTERPOSER_PROGRESS_FILE"; }
for step in 1 2 3; do sleep "${STEP_SECONDS:-1}"; progress $((step * 4096)); done
