package models

// Builtin are the models that come with the program. They are not to be changed.
func Builtin() []Model { return table[:] }
