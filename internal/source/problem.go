package source

import "strconv"

// A Problem is something that could not be looked at, or that could be looked at
// only in part. It is an error where a function returns one.
type Problem struct {
	Path    string // as in File.Path
	Line    int    // from 1; 0 if the whole file or folder is meant
	Message string // what is wrong and what to do
	Partial bool   // there is a File all the same
	Large   bool   // the file is above the limit
}

func (p *Problem) Error() string {
	if p.Line > 0 {
		return p.Path + ":" + strconv.Itoa(p.Line) + ": " + p.Message
	}
	return p.Path + ": " + p.Message
}
