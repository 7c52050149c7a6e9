package apply

import "time"

// latency is what has been learned of how long a job takes, and of how far
// jobs are from that on average.
type latency struct {
	mean, spread time.Duration
	count        int
	longest      time.Duration // of late
	long         holding       // the same mean over many more jobs, for the ETA
}

// lookAgain returns how soon a job that is alone is looked at again. While there
// are only one or two, the quota has calls to spare.
func (l *latency) lookAgain() time.Duration {
	return min(max(l.spread/3, l.mean/30), time.Duration(float64(l.mean)*partOfLatency))
}

// learn takes in a job that was seen running at the age low (0 for never) and
// over at the age high. Where the two are far apart, the end is unknown in
// between; then the mean is only moved a little, downwards, so that polls that
// always come late do not take themselves for the job.
func (l *latency) learn(low, high time.Duration) {
	sample := (low + high) / 2
	known := l.count == 0 || high-low <= l.mean/3
	if !known {
		sample = min(max(l.mean*98/100, low), high)
	}
	l.count++
	n := time.Duration(min(l.count, 12))
	if off := (sample - l.mean).Abs(); known && l.count > 1 {
		l.spread += (off - l.spread) / n
	}
	l.mean += (sample - l.mean) / n
	l.longest = max(high, l.longest*98/100)
	l.long.learn(sample)
}

// holding is how long a task of a class has its place under the limit.
type holding struct {
	mean  time.Duration
	count int
}

// learn takes in one task. The first twenty are forgotten: they ran while the
// engine was still finding out when to poll, and waited for the first looks.
func (h *holding) learn(took time.Duration) {
	h.count++
	window := min(h.count, 4)
	if h.count > 20 {
		window = min(h.count-20, 100)
	}
	h.mean += (took - h.mean) / time.Duration(window)
}
