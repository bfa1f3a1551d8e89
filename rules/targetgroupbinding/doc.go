// Package targetgroupbinding holds the rules on TargetGroupBinding.
package targetgroupbinding
