package apply

import "time"

// latency is what has been learned of how long a job takes, and of how far
// jobs are from that on average.
type latency struct {
	mean, spread time.Duration
	count        int
	longest      time.Duration // of late
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
}

// While no job has ended, this is what one is taken to need: AWS's own sample
// ran 1,200 assignments at about 3 s each.
const assumedLatency = 3 * time.Second

// surelyOver returns the age at which a job that nobody follows should be over:
// somewhat more than the longest of late, and while few are known, than is
// assumed of a job.
func (p *poller) surelyOver(c class) time.Duration {
	longest := p.latency[c].longest
	if p.latency[c].count < 10 {
		longest = max(longest, assumedLatency)
	}
	return longest * 5 / 4
}
