import os
def progress(done): open(os.environ["INTERPOSER_PROGRESS_FILE"], "a").write(f"samples {done}\n")
for step in range(1, 4): progress(step * 32)
