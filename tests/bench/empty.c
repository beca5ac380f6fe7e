/* The floor of every process: a program that does nothing. */
int main(void)
{
	return 0;
}
